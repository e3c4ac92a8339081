"""Column names of seven languages map by themselves; what is only likely is offered."""

from __future__ import annotations

import pytest

from nurture_cli.inbound.headers import likely_target

from .conftest import Desk

NAMES = ("first_name", "last_name", "company", "email", "phone", "country")


@pytest.mark.parametrize(
    "header",
    [
        "Vorname,Nachname,Firma,E-Mail-Adresse,Telefon,Land", "Vorname,Name,Unternehmen,E-Mail,Telefonnummer,Staat",
        "Prénom,Nom,Société,Courriel,Téléphone,Pays", "PRENOM,NOM,Entreprise,Adresse e-mail,Téléphone,Pays",
        "Nombre,Apellidos,Empresa,Correo electrónico,Teléfono,País",
        "Nome,Cognome,Azienda,Indirizzo email,Telefono,Paese",
        "Voornaam,Achternaam,Bedrijf,E-mailadres,Telefoon,Land", "Nome,Sobrenome,Empresa,E-mail,Telefone,País",
        "FNAME,LNAME,Organization,Email Address,Phone Number,Country",
    ],
)  # fmt: skip
def test_headers_map_by_themselves(desk: Desk, header: str) -> None:
    report = desk.contacts(header + "\nAnna,Berg,ACME,anna@x.example,+49 1,DE\n")

    assert list(report.columns.values()) == list(NAMES)
    anna = desk.contact("anna@x.example")
    assert (anna.first_name, anna.last_name, anna.company, anna.country) == ("Anna", "Berg", "ACME", "DE")


@pytest.mark.parametrize(
    ("name", "offered"), [("Nom", "last_name"), ("Nome", "first_name"), ("Name", "last_name"), ("Nombre", "first_name")]
)
def test_a_name_alone_may_be_the_whole_name_and_is_only_offered(desk: Desk, name: str, offered: str) -> None:
    report = desk.contacts(f"email,{name}\na@x.example,Anna Berg\n")

    assert report.ignored == (name,)
    assert report.likely == {name: offered}


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("Frist Name", "first_name"), ("Compnay", "company"), ("Vornname", "first_name"), ("Phone 1", "phone"),
        ("Position", "job_title"), ("Opt-in", "consent"), ("Shoe size", None), ("Index", None), ("Lead Owner", None),
        ("Notes", None), ("Website", None), ("Deal Stage", "stage"),
    ],
)  # fmt: skip
def test_a_near_name_is_offered(name: str, target: str | None) -> None:
    assert likely_target(name, {"first_name", "company", "phone", "job_title", "consent", "stage"}) == target


def test_nothing_is_offered_for_a_field_that_has_its_column() -> None:
    assert likely_target("Compnay", {"phone"}) is None


def test_each_field_is_offered_once_and_never_for_what_is_left_out(desk: Desk) -> None:
    from nurture_cli.inbound.column_map import ColumnMap

    report = desk.contacts(
        "email,Mobile,Phone 2,Compnay\na@x.example,1,2,x\n", column_map=ColumnMap({"Compnay": "ignore"})
    )

    assert report.likely == {"Mobile": "phone"}


def test_a_column_that_bears_the_very_name_wins_over_one_that_means_it(desk: Desk) -> None:
    desk.contacts("email,Account Name,Company\na@x.example,Wrong,Right\n")

    assert desk.contact("a@x.example").company == "Right"
