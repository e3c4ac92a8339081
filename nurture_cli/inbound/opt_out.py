"""What a file says about contacts who must not be written to: in a column's name, in a cell, or in its own name.

Files of other tools say it in many words: `UNSUB_TIME`, `Email Opt Out`, `Blocklisted`, `abgemeldet`. This is the only
place that knows them, in English, German, French, Spanish, Italian, Dutch and Portuguese. Accents, letter case, blanks,
hyphens and underscores make no difference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import lru_cache

from nurture_cli.inbound.column_names import bare_name


class Said(StrEnum):
    """What a file says about a contact; the first four are reasons of suppressions."""

    UNSUBSCRIBED = "unsubscribed"
    HARD_BOUNCE = "hard-bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"  # a decision of the owner of the list
    NEVER_AGREED = "never-agreed"  # neither in nor out: never subscribed, or never confirmed
    NOTHING = "nothing"  # may be written to as far as this goes; a soft bounce is here, too

    @property
    def suppresses(self) -> bool:
        """Whether nothing may ever be sent to this contact again."""
        return self not in (Said.NEVER_AGREED, Said.NOTHING)


class OptOutKind(Enum):
    """The question that the cells of a column answer."""

    OPT_OUT = "did they leave?"  # a `yes`, a date or a reason there means that they did
    OPT_IN = "did they agree?"  # a `no` there means that they did not
    STATUS = "how do they stand?"  # in words of the tool


@dataclass(frozen=True, slots=True)
class OptOutColumn:
    """A column that may say which contacts left, by its name."""

    kind: OptOutKind
    said: Said = Said.NOTHING  # the meaning of a `yes` in an OPT_OUT column
    prose: bool = False  # of an OPT_OUT column: whatever stands there means it, such as the text of a bounce
    loose: bool = False  # of an OPT_IN column: a `no` counts, but a `yes` does not say that nobody left


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


YES = _words("1 y yes true t x j ja wahr o oui vrai s si verdadero v vero sim verdadeiro waar on checked")
# In a column of states: whether the contact left is not clear, so it is worth a question.
NOT_ACTIVE = _words("inactive archived inaktiv archiviert inactif inactivo inattivo inactief inativo")
NO = _words("0 n no false f nein falsch non faux falso nee onwaar nao off unchecked none never null na")

# Words that alone mean the same in every column.
_ANYWHERE = {
    Said.UNSUBSCRIBED: (
        "unsubscribed", "un subscribed", "unsubscribe", "unsubscribes", "unsubscriber", "unsub",
        "opted out", "opt out", "optout", "optedout", "globally unsubscribed", "unsubscribed from all email",
        "unsubscribed from all", "consent withdrawn",
        "abgemeldet", "ausgetragen", "abbestellt", "einwilligung widerrufen", "désabonné", "désabonnée", "désinscrit",
        "désinscrite", "dado de baja", "dada de baja", "desuscrito", "desuscrita", "disiscritto", "disiscritta",
        "uitgeschreven", "afgemeld", "descadastrado", "descadastrada", "inscrição cancelada",
    ),
    Said.HARD_BOUNCE: (
        "hard bounce", "hard bounced", "hardbounce", "hardbounced", "hard bounces", "bounced", "permanent bounce",
        "undeliverable", "unzustellbar", "non délivrable", "rebotado", "rimbalzato", "onbestelbaar",
    ),
    Said.COMPLAINT: (
        "complained", "spam complaint", "spam report", "spamreport", "spam reported",
        "marked as spam", "reported as spam", "reported spam", "abuse complaint",
        "als spam gemeldet", "signalé comme spam", "marcado como spam",
        "segnalato come spam", "gemeld als spam",
    ),
    Said.MANUAL: (
        "suppressed", "user suppressed", "blocklisted", "blacklisted", "do not contact", "do not email", "do not mail",
        "dnc", "never email", "non marketing contact", "nicht kontaktieren", "nicht anschreiben", "ne pas contacter",
        "no contactar", "non contattare", "niet benaderen", "niet mailen", "não contatar", "não contactar",
    ),
    Said.NEVER_AGREED: (
        "never subscribed", "non subscribed", "nonsubscribed", "not subscribed", "no permissions set", "unconfirmed",
        "awaiting confirmation", "not opted in", "double opt in pending", "unbestätigt", "nicht bestätigt",
        "non confirmé", "no confirmado", "non confermato", "onbevestigd", "niet bevestigd", "não confirmado",
    ),
}  # fmt: skip
# Words that may speak of a deal or an order elsewhere, and mean this in a column that tells how a contact stands.
_IN_STATUS = {
    Said.UNSUBSCRIBED: (
        "left", "withdrawn", "revoked", "cancelled", "canceled", "removed", "gekündigt", "widerrufen", "annulé", "baja",
        "cancelado", "cancelada", "cancellato", "cancellata", "opgezegd", "geannuleerd",
    ),
    Said.HARD_BOUNCE: (
        "bounce", "bounces", "cleaned", "invalid", "invalid email", "dead", "hard", "ungültig", "invalide", "inválido",
        "non valido", "ongeldig", "rebote",
    ),
    Said.COMPLAINT: ("complaint", "complainer", "spam", "junk", "abuse", "beschwerde", "plainte", "queja", "klacht"),
    Said.MANUAL: (
        "blocked", "blocklist", "blacklist", "banned", "disabled", "excluded", "suppression", "deleted", "erased",
        "manual", "manually suppressed", "gesperrt", "blockiert", "gelöscht", "bloqué", "bloqueado", "bloccato",
        "geblokkeerd",
    ),
    Said.NEVER_AGREED: ("no consent", "no permission", "not set", "transactional"),
    Said.NOTHING: (
        "subscribed", "subscriber", "active", "enabled", "confirmed", "opted in", "opt in", "double opt in", "express",
        "implied", "explicit", "implicit", "marketing contact", "ok", "valid", "deliverable", "delivered", "soft",
        "soft bounce", "soft bounced", "aktiv", "angemeldet", "abonniert", "bestätigt", "abonné",
        "abonnée", "actif", "inscrit", "inscrite", "suscrito", "suscrita", "activo", "iscritto", "iscritta", "attivo",
        "actief", "ingeschreven", "aangemeld", "inscrito", "inscrita", "ativo",
    ),
}  # fmt: skip

_NAMES = (
    (
        Said.COMPLAINT,
        r"spam|spam_?(?:reports?|reported|complaints?|complaining|beschwerde)|complain(?:t|ts|ed|ing|er)|junk|abuse"
        r"|beschwerden?|plaintes?|quejas?|klacht(?:en)?",
    ),
    (
        Said.HARD_BOUNCE,
        r"hard_?bounc(?:e|es|ed|ing)|bounc(?:e|ed|ing)|cleaned|clean_(?:time|date|campaign)|undeliverable|unzustellbar"
        r"|invalid_(?:e_?)?mails?|(?:e_?)?mail_invalid|rebot(?:e|es|ado|ados)|rimbalz(?:i|o|ato|ati)|onbestelbaar",
    ),
    (
        Said.UNSUBSCRIBED,
        r"unsub|unsubs|unsubscri\w+|opt(?:s|ed|ing)?_?outs?|optedout|withdrawn|abgemeldet\w*|abmeld\w+|austrag\w+"
        r"|ausgetragen\w*|abbestell\w+|widerruf(?:en|sdatum)?|desabonn\w+|desinscri\w+|desuscri\w+|bajas?"
        r"|disiscri\w+|uitgeschreven|uitschrij[fv]\w+|afgemeld\w*|afmeld\w+|descadastr\w+|cancelou_inscricao",
    ),
    (
        Said.MANUAL,
        r"suppress(?:ed|ion|ions)?|suppressionlist|block(?:ed_)?_?list(?:ed)?|black_?list(?:ed)?|robinson(?:liste?)?"
        r"|do_not_(?:e_?mail|mail|contact|send|market)\w*|dnc|dont_(?:e_?)?mail|no_(?:e_?)?mail(?:s|ings?)?"
        r"|no_(?:newsletter|marketing|bulk_email)|excluded_from_(?:campaigns|mailings?|emails?)|(?:werbe|mail)sperre"
        r"|sperrliste|kein_newsletter|keine?_(?:e_?mails?|mailings?|werbung)|nicht_(?:anschreiben|kontaktieren|mailen)"
        r"|ne_pas_(?:contacter|envoyer)|liste_noire|no_(?:contactar|enviar)|lista_negra|lista_nera|non_contattare"
        r"|zwarte_lijst|niet_(?:mailen|benaderen)|nao_(?:contatar|contactar|enviar)",
    ),
)  # fmt: skip
# Of a contact when nothing else stands in the name: `order_cancelled_at` is about an order.
_WHOLE_NAMES = (
    (
        Said.UNSUBSCRIBED,
        r"(?:date_)?(?:left|cancell?ed|deleted|removed|geloscht|gekundigt)_(?:at|on|date|time|am)|cancellat[oa]",
    ),
    (Said.MANUAL, r"(?:e_?mail_|kontakt_)?gesperrt(?:_am)?"),
)
_OPT_OUT_NAMES = (
    *((said, re.compile(rf"(?:.*_)?(?:{names})(?:_.*)?")) for said, names in _NAMES),
    *((said, re.compile(names)) for said, names in _WHOLE_NAMES),
)
_OPT_IN_NAME = re.compile(
    r"(?:.*_)?(?:opt(?:ed)?_?in|double_?opt_?in|doi|accepts?(?:_\w+)?_marketing|newsletter|nieuwsbrief|boletin|boletim"
    r"|subscribed|subscriber?|consent|permission|(?:werbe)?einwilligung|zustimmung|erlaubnis|angemeldet|abonnee?"
    r"|consentement|inscrite?|consentimiento|suscrit[oa]|consenso|iscritt[oa]|toestemming|ingeschreven|consentimento"
    r"|inscrit[oa]|(?:gdpr|dsgvo|rgpd|avg)(?:_ok)?)"
    r"(?:_(?:status|state|e_?mail|marketing|yes_no|given|ok|(?:er|ge)wu?e?nscht))?"
)
_LOOSE_OPT_IN_NAME = re.compile(
    r"(?:is_)?(?:active|subscriber|e?mailable|contactable|deliverable)|aktiv|actif|activo|attivo|actief|ativo"
    r"|(?:e_?mail_)?marketing(?:_e_?mails?)?|mailing_?list|(?:e_?mail|newsletter|mailing)_subscription"
    r"|(?:ok_to|can|may)_(?:be_)?(?:(?:e_?)?mail|contact)(?:ed)?"
    r"|(?:allows?|sends?|receives?|wants?|accepts?)_(?:e_?mails?|newsletters?|mailings?)"
    r"|(?:e_?mails?|mailings?|contact)_(?:allowed|ok|permitted|erlaubt)|(?:e_?mail_)?werbung(?:_(?:ok|erlaubt))?"
    r"|darf_(?:kontaktiert|angeschrieben)_werden"
    r"|(?:accepte|recoit|acepta|recibe|accetta|riceve|aceita|recebe)_(?:(?:les|des|l|le)_)?(?:e_?mails?|newsletters?)"
    r"|(?:e_?mail_)?valid|valid_e_?mail"
)
# A column about something else than mail, or about something beside the question itself.
_OTHER_CHANNEL = re.compile(
    r"(?:.*_)?(?:sms|mms|fax|phone|calls?|mobile|whatsapp|push|postal|post|direct_mail|telefon\w*|anrufe?)(?:_.*)?"
)
_BESIDE = re.compile(
    r".*_(?:links?|urls?|tokens?|hash|page|score|rate|count|counts|number|total|anzahl|filter)|(?:number|count|total)_.*"
    r"|(?:.*_)?soft_?bounc.*|(?:.*_)?(?:e?_?mails|messages)_bounced|.*_bounces_count"
)
_PROSE = re.compile(
    r".*_(?:reason\w*|reason_other|message|details?|comments?|notes?|text|title|name|campaign(?:_\w+)?|ids?|by|source|type"
    r"|ip|grund|raison|motif|motivo|reden|kampagne)"
)
_STATUS_WORDS = _words(
    """status state stand zustand statut etat estado stato situacao situation standing
    e mail email emails address contact contacts subscriber subscribers subscription subscriptions list lists member
    newsletter marketing mailing profile permission consent global campaign deliverability delivery
    verification validation
    kontakt kontaktstatus abo abonnent abonnenten empfaenger empfanger abonne abonnes abonnement contacto suscriptor
    suscripcion contatto iscritto iscrizione abonnee contactpersoon contato assinante inscricao de do del della du la
    le l el o van type action aktion"""
)
_STATUS_HEARTS = _words(
    """status state stand zustand statut etat estado stato situacao kontaktstatus subscription subscriptions abonnement
    action aktion deliverability verification validation"""
)

_FILE_NAMES = (
    (Said.NEVER_AGREED, r"non_?subscribed|never_?subscribed|not_?subscribed|unconfirmed"),
    (Said.COMPLAINT, r"complaints?|complained|spam_?(?:reports?|complaints?)|beschwerden?|plaintes?|quejas?"),
    (Said.HARD_BOUNCE, r"(?:hard_?)?bounc(?:e|es|ed)|invalid_?emails?|undeliverable|unzustellbar|rebotados?"),
    (
        Said.UNSUBSCRIBED,
        r"unsub|unsubs|unsubscribe[ds]?|unsubscribers?|opt(?:ed)?_?outs?|abgemeldete?n?|abmeldungen|ausgetragene?"
        r"|austragungen|abbesteller|desabonne\w*|desinscri\w+|bajas|desuscri\w+|disiscri\w+|uitgeschreven|uitschrijvingen"
        r"|afgemeld\w*|afmeldingen|descadastr\w+",
    ),
    (
        Said.MANUAL,
        r"suppress(?:ed|ions?)|suppression_?list|block_?list(?:ed)?|black_?list(?:ed)?|dnc|do_not_(?:e_?)?(?:mail|contact)"
        r"|sperrliste|werbesperre|robinson(?:liste)?|liste_noire|lista_negra|lista_nera|zwarte_lijst",
    ),
)  # fmt: skip
# Alone, or as Mailchimp names its file: `leads-cleaned.csv` is more likely one that was tidied up.
_CLEANED = re.compile(
    r"cleaned(?:_(?:e?mails?|audience|members?|segment|contacts?|address(?:es)?|subscribers?|list)(?:_.*)?)?"
)
_FILES = tuple((said, re.compile(rf"(?:.*_)?(?:{names})(?:_.*)?")) for said, names in _FILE_NAMES)
_STAYING_FILE = re.compile(
    r"(?:.*_)?(?<!un_)(?<!non_)(?<!not_)(?<!never_)(?:subscribed|subscribers?|opt(?:ed)?_?ins?|active|abonnenten|abonnees?"
    r"|abonnes|angemeldete?n?|aktive|inscrits|suscritos|suscriptores|iscritti|ingeschreven|inscritos|assinantes)(?:_.*)?"
)
_WITHOUT = re.compile(r"(?:.*_)?(?:not?|without|minus|ohne|sans|sin|senza|zonder|sem|excl(?:uding)?)_")

# A day, or an instant: what tools write in a column that tells when somebody left.
_DATED = re.compile(
    r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?![0-9]).*|[0-9]{8}(?:t?[0-9]{4,6})?|[0-9]{10}|[0-9]{13}"
    r"|(?:[^\W\d_]{3,9}\.? )?[0-9]{1,2}(?:st|nd|rd|th|\.)?,? ?[^\W\d_]{3,9}\.?,? [0-9]{4}\b.*"
    r"|[^\W\d_]{3,9}\.? [0-9]{1,2},? [0-9]{4}\b.*",
    re.IGNORECASE,
)
_NO_DATE = re.compile(r"0{1,4}[-/.]0{1,2}[-/.]0{1,4}(?![0-9]).*")


def _by_word(words: dict[Said, tuple[str, ...]]) -> dict[str, Said]:
    return {bare_name(word): said for said, listed in words.items() for word in listed}


_STRONG = _by_word(_ANYWHERE)
_WEAK = _by_word(_IN_STATUS)


def _spellings(word: str) -> set[str]:
    spaced = {word, bare_name(word).replace("_", " ")}
    joined = {form.replace(" ", sign) for form in spaced for sign in " -_"}
    return {way(form) for form in joined for way in (str.lower, str.upper, str.title, str.capitalize)}


# Cells, as tools spell them, that say in any column whatever that somebody left or never agreed: for a quick look.
TELLING_CELLS = frozenset(form for words in _ANYWHERE.values() for word in words for form in _spellings(word))


@lru_cache(maxsize=1024)
def opt_out_column(name: str) -> OptOutColumn | None:
    """The question of a column that may say which contacts left, by its name; None for any other column."""
    bare = bare_name(name)
    if _OTHER_CHANNEL.fullmatch(bare) and "email" not in bare.replace("e_mail", "email"):
        return None
    if _BESIDE.fullmatch(bare):
        return None
    for said, names in _OPT_OUT_NAMES:
        if names.fullmatch(bare):
            return OptOutColumn(OptOutKind.OPT_OUT, said, prose=_PROSE.fullmatch(bare) is not None)
    if _OPT_IN_NAME.fullmatch(bare):
        return OptOutColumn(OptOutKind.OPT_IN)
    if _LOOSE_OPT_IN_NAME.fullmatch(bare):
        return OptOutColumn(OptOutKind.OPT_IN, loose=True)
    words = set(bare.split("_"))
    return OptOutColumn(OptOutKind.STATUS) if words <= _STATUS_WORDS and words & _STATUS_HEARTS else None


def said_in_cell(text: str, column: OptOutColumn | None) -> Said | None:
    """What a cell of such a column says about a contact; None when that is not understood.

    A plain `yes` or a date is an opt-out in a column that asks for one, and a `no` is not.
    """
    bare = bare_name(text)
    if not bare:
        return Said.NOTHING
    strong = _STRONG.get(bare) or _beginning(bare)
    if column is None:
        return strong
    if column.kind is OptOutKind.OPT_OUT and column.prose:
        return Said.NOTHING if bare in NO else strong if strong and strong.suppresses else column.said
    return strong or _WEAK.get(bare) or _answer(text, bare, column)


def _answer(text: str, bare: str, column: OptOutColumn) -> Said | None:
    """What a cell without a clear word says: a yes, a no or a date, depending on the question of the column."""
    match column.kind:
        case OptOutKind.OPT_OUT if bare in NO or _NO_DATE.fullmatch(text):
            return Said.NOTHING
        case OptOutKind.OPT_OUT if bare in YES or _DATED.fullmatch(text):
            return column.said
        case OptOutKind.OPT_IN if bare in NO or bare in YES:
            return Said.NEVER_AGREED if bare in NO else Said.NOTHING
        case OptOutKind.STATUS if (
            bare in NO and not bare.isdigit()
        ):  # a digit in such a column is a code, and every tool has its own
            return Said.NOTHING
    return None


def _beginning(bare: str) -> Said | None:
    """What a text says that begins with clear words and goes on, such as `Unsubscribed on 3 March`."""
    words = bare.split("_")
    for length in range(min(4, len(words) - 1), 0, -1):
        if said := _STRONG.get("_".join(words[:length])):
            return said
    return None


def said_in_file_name(name: str) -> Said | None:
    """What the name of a file says about all contacts in it, such as `unsubscribed_audience_export.csv`."""
    bare = bare_name(name.rpartition(".")[0] or name)
    if _CLEANED.fullmatch(bare):
        return Said.HARD_BOUNCE
    for said, names in _FILES:
        if names.fullmatch(bare) and not _WITHOUT.match(bare):
            return said
    return None


def says_subscribed(name: str) -> bool:
    """Whether the name of a file says that all contacts in it still want mail: `subscribed_members_export.csv`."""
    bare = bare_name(name.rpartition(".")[0] or name)
    return said_in_file_name(name) is None and not _WITHOUT.match(bare) and bool(_STAYING_FILE.fullmatch(bare))
