"""What columns of contacts are called in English, German, French, Spanish, Italian, Dutch and Portuguese."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from nurture_cli.inbound.column_names import bare_name

# Names that leave no doubt about what they hold. `title` is not among them: it may be `Dr.`.
_WORDS = {
    "first_name": """
        first name, given name, forename, fname, Vorname, Rufname, prénom, nombre de pila, primer nombre, voornaam,
        primeiro nome, nome próprio
    """,
    "last_name": """
        last name, surname, family name, lname, Nachname, Familienname, Zuname, nom de famille, apellido, apellidos,
        primer apellido, cognome, achternaam, familienaam, sobrenome, último nome
    """,
    "company": """
        company, company name, organization, organisation, organization name, account name, employer, Firma,
        Firmenname, Unternehmen, Unternehmensname, Arbeitgeber, société, entreprise, nom de la société, nom de
        l'entreprise, raison sociale, empresa, compañía, nombre de la empresa, organización, azienda, società,
        ditta, ragione sociale, nome azienda, bedrijf, bedrijfsnaam, organisatie, companhia, nome da empresa,
        organização
    """,
    "job_title": """
        job title, Berufsbezeichnung, Stellenbezeichnung, Jobtitel, Funktion, intitulé du poste, fonction, poste,
        puesto, cargo, qualifica, mansione, posizione lavorativa, functie, functietitel, função
    """,
    "role": """Rolle, rôle, rol, ruolo""",
    "phone": """
        phone, phone number, telephone, telephone number, business phone, work phone, Telefon, Telefonnummer,
        Rufnummer, téléphone, numéro de téléphone, teléfono, número de teléfono, telefono, numero di telefono,
        telefoon, telefoonnummer, telefone, número de telefone
    """,
    "country": """
        country, country/region, country code, CC, Land, Staat, pays, país, paese, nazione, Länderkennzeichen
    """,
    "language": """language, preferred language, Sprache, langue, idioma, lingua, taal, língua""",
    "source": """source, lead source, Quelle, Lead-Quelle, Leadquelle, fuente, fonte, bron""",
    "zone": """time zone, timezone, Zeitzone, fuseau horaire, zona horaria, fuso orario, tijdzone, fuso horário""",
    "consent_at": """consent date, Einwilligung am, date du consentement, fecha de consentimiento""",
    "email": """
        courriel, adresse électronique, mél, correo, correo electrónico, dirección de correo, dirección de correo
        electrónico, indirizzo di posta elettronica, posta elettronica, correio eletrónico, correio eletrônico
    """,
}
KNOWN: Mapping[str, str] = {
    bare: target
    for target, words in _WORDS.items()
    for word in words.split(",")
    for bare in {bare_name(word), bare_name(word).replace("_", "")}
}

# When a contact agreed, as tools write it beside every contact; the first one that a file has is the best proof.
_CONSENT_TIMES = """
    consent date, consent time, consent timestamp, email marketing consent timestamp, consented at, consent given at,
    CONFIRM_TIME, confirmed at, confirmation date, confirmation time, double opt-in date, double opt-in time, DOI date,
    OPTIN_TIME, opt-in time, opt-in date, opt-in timestamp, opted in at, date opted in, opt-in-Datum,
    Einwilligungsdatum, Anmeldedatum, angemeldet am, bestätigt am, subscribed at, subscribed on, subscribe date,
    subscription date, date subscribed, date d'inscription, fecha de suscripción, data di iscrizione,
    toestemmingsdatum, inschrijfdatum, data de inscrição
"""
CONSENT_TIMES = tuple(bare_name(name) for name in _CONSENT_TIMES.split(","))

# Names that are a part of a name only beside another column, and the whole name of a person without it.
_BESIDE = (
    ("nom", ("prenom",), "last_name"),
    ("name", ("vorname", "voornaam"), "last_name"),
    ("naam", ("voornaam",), "last_name"),
    ("nombre", ("apellido", "apellidos", "primer_apellido"), "first_name"),
    ("nombres", ("apellido", "apellidos"), "first_name"),
    ("nome", ("cognome", "sobrenome", "apelido", "apelidos", "ultimo_nome"), "first_name"),
    ("apelido", ("nome",), "last_name"),
    ("apelidos", ("nome",), "last_name"),
)
# What such columns and others often hold; only offered as a guess.
_LIKELY = {
    bare: target
    for target, words in {
        "last_name": "nom name naam apelido",
        "first_name": "nombre nome",
        "job_title": "title position",
        "phone": "mobile mobil handy mobile_phone tel portable movil cellulare",
        "company": "kunde account",
        "consent": "opt_in optin newsletter einwilligung consentement consentimiento consenso toestemming"
        " consentimento",
        "country": "nation",
        "language": "lang locale",
        "stage": "stadium lifecycle_stage deal_stage phase",
    }.items()
    for bare in words.split()
}
_CLOSE = 0.8  # how alike a misspelt name must be to a known one


def known_headers(header: Sequence[str]) -> dict[str, str]:
    """Targets by the bare names of columns, where they are clear; what `nom` means depends on the other columns."""
    there = {bare_name(name) for name in header}
    beside = {name: target for name, others, target in _BESIDE if there.intersection(others)}
    return {**KNOWN, **beside}


def likely_target(name: str, free: Collection[str]) -> str | None:
    """What an unknown column probably holds, among the targets that no column has yet."""
    from difflib import get_close_matches  # only when there are columns to explain

    bare = bare_name(name).rstrip("0123456789_")
    words = {**KNOWN, **_LIKELY}
    close = [bare] if bare in words else get_close_matches(bare, words, n=1, cutoff=_CLOSE)
    target = words[close[0]] if close else None
    return target if target in free else None
