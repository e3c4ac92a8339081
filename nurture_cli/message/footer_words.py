"""The footer of mails in the built-in languages: why readers get them, and how to unsubscribe."""

from __future__ import annotations

from typing import NamedTuple

from nurture_cli.message.language import DEFAULT, primary


class FooterWords(NamedTuple):
    """The words of one language: a sentence for each kind of consent, and the text of the unsubscribe link."""

    express: str
    implied: str
    unsubscribe: str


BUILT_IN = {
    "en": FooterWords(
        "You receive this email because you agreed to hear from us.",
        "You receive this email because you have been in contact with us.",
        "Unsubscribe",
    ),
    "de": FooterWords(
        "Sie erhalten diese E-Mail, weil Sie dem Empfang unserer Nachrichten zugestimmt haben.",
        "Sie erhalten diese E-Mail, weil Sie mit uns in Kontakt waren.",
        "Abmelden",
    ),
    "es": FooterWords(
        "Recibe este correo electrónico porque aceptó recibir nuestros mensajes.",
        "Recibe este correo electrónico porque ha estado en contacto con nosotros.",
        "Darse de baja",
    ),
    "fr": FooterWords(
        "Vous recevez cet e-mail parce que vous avez accepté de recevoir nos messages.",
        "Vous recevez cet e-mail parce que vous avez été en contact avec nous.",
        "Se désabonner",
    ),
    "it": FooterWords(
        "Riceve questa e-mail perché ha accettato di ricevere i nostri messaggi.",
        "Riceve questa e-mail perché ha avuto contatti con noi.",
        "Annulla l’iscrizione",
    ),
    "nl": FooterWords(
        "U ontvangt deze e-mail omdat u ermee hebt ingestemd berichten van ons te ontvangen.",
        "U ontvangt deze e-mail omdat u contact met ons hebt gehad.",
        "Afmelden",
    ),
    "pt": FooterWords(
        "Recebe este e-mail porque aceitou receber as nossas mensagens.",
        "Recebe este e-mail porque esteve em contacto connosco.",
        "Cancelar a subscrição",
    ),
    "pt-BR": FooterWords(
        "Você recebe este e-mail porque aceitou receber nossas mensagens.",
        "Você recebe este e-mail porque esteve em contato conosco.",
        "Cancelar inscrição",
    ),
}


def are_built_in(language: str) -> bool:
    """Whether there are words in this language, given by its code."""
    return primary(language) in BUILT_IN


def footer_words(language: str) -> FooterWords:
    """The words in a language, else in English."""
    return BUILT_IN.get(language) or BUILT_IN.get(primary(language)) or BUILT_IN[DEFAULT]
