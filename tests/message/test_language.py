"""The language of a mail: what it says of itself, and how its dates are written."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from nurture_cli.message.language import direction_of, language_of
from tests.message.workshop import ANN, NURTURE_YML, Workshop, asset, config


@pytest.mark.parametrize(
    ("of_asset", "of_contact", "of_project", "language"),
    [
        (None, None, (), "en"),
        (None, "de", (), "de"),
        (None, "pt_br", (), "pt-BR"),
        (None, "German", (), "en"),
        (None, "<b>", (), "en"),
        (None, None, ("fr", "de"), "fr"),
        (None, "de-AT", ("fr", "de"), "de"),
        (None, "de-AT", ("de", "de-AT"), "de-AT"),
        (None, "pt", ("en", "pt-BR"), "pt-BR"),
        (None, "es", ("fr", "de"), "fr"),
        ("it", "de", ("fr", "de"), "it"),
    ],
)
def test_a_mail_has_the_language_of_its_text(
    of_asset: str | None, of_contact: str | None, of_project: tuple[str, ...], language: str
) -> None:
    made = replace(asset("Hi"), language=of_asset)

    assert language_of(made, replace(ANN, language=of_contact), replace(config(), languages=of_project)) == language


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar-EG", "rtl"), ("he", "rtl"), ("ha", "ltr")])
def test_some_languages_run_from_right_to_left(language: str, direction: str) -> None:
    assert direction_of(language) == direction


def test_the_page_says_its_language_and_direction() -> None:
    shop = Workshop()

    assert '<html lang="en" dir="ltr">' in shop.html("Hi")
    assert '<html lang="ar" dir="rtl">' in shop.html("Hi", replace(ANN, language="AR"))
    assert '<html lang="de" dir="ltr">' in shop.html(asset("Hallo", language="de"))
    assert "Hallo" in shop.text("{% if language == 'de' %}Hallo{% endif %}", replace(ANN, language="de"))


@pytest.mark.parametrize(
    ("language", "whole", "parts"),
    [
        ("en", "1 December 2026", "Tue Tuesday 1 Dec December"),
        ("de", "1. Dezember 2026", "Di. Dienstag 1 Dez. Dezember"),
        ("fr", "1 décembre 2026", "mar. mardi 1 déc. décembre"),
        ("es", "1 de diciembre de 2026", "mar martes 1 dic diciembre"),
        ("it", "1 dicembre 2026", "mar martedì 1 dic dicembre"),
        ("nl", "1 december 2026", "di dinsdag 1 dec december"),
        ("pt-BR", "1 de dezembro de 2026", "ter. terça-feira 1 dez. dezembro"),
        ("pl", "1 grudnia 2026", "wt. wtorek 1 gru grudnia"),
        ("tlh", "1 December 2026", "Tue Tuesday 1 Dec December"),
    ],
)
def test_months_and_days_have_their_names_in_the_language_of_the_mail(language: str, whole: str, parts: str) -> None:
    body = "{{ contact.renewal | date }} / {{ contact.renewal | date('%a %A %-d %b %B') }}"

    said = Workshop().text(body, replace(ANN, language=language))

    assert said == f"{whole} / {parts}"


def test_a_project_in_one_language_writes_its_dates_in_that() -> None:
    shop = Workshop(config=config(NURTURE_YML + "languages: en\n"))

    assert shop.text("{{ contact.renewal | date }}", replace(ANN, language="de")) == "1 December 2026"


def test_dates_in_english_load_no_library() -> None:
    code = (
        "import sys; from nurture_cli.message.filters import date; date({}, '2026-12-01', '%A');"
        "sys.exit('babel' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
