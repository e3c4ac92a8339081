"""Why a reader gets the mail, how to end that, and who writes from where: in both parts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nurture_cli.message.footer_words import BUILT_IN
from tests.message.workshop import ANN, Workshop, part

SHOP = Workshop()


@pytest.mark.parametrize(
    ("consent", "reminder"),
    [
        ("express", "You receive this email because you agreed to hear from us."),
        ("implied", "You receive this email because you have been in contact with us."),
        ("unknown", "You receive this email because you have been in contact with us."),
    ],
)
def test_each_part_says_why_the_reader_gets_it(consent: str, reminder: str) -> None:
    mail = SHOP.mail(
        "Hi", replace(ANN, consent=consent, consent_basis="bought list", consent_source="Karl's black book")
    )

    for kind in ("plain", "html"):
        assert reminder in part(mail, kind)
        assert "list" not in part(mail, kind).replace("list-style", "")
        assert "Karl" not in part(mail, kind)


@pytest.mark.parametrize("language", [*BUILT_IN, "de-AT", "pl"])
@pytest.mark.parametrize("consent", ["express", "implied"])
def test_why_the_reader_gets_it_and_how_to_end_it_are_said_in_the_language_of_the_mail(
    language: str, consent: str
) -> None:
    words = BUILT_IN[{"de-AT": "de", "pl": "en"}.get(language, language)]
    mail = SHOP.mail("Hi", replace(ANN, language=language, consent=consent))
    text, html = " ".join(part(mail, "plain").split()), part(mail, "html")

    assert f'lang="{language}"' in html
    for said in (getattr(words, consent), words.unsubscribe):
        assert said in text
        assert said in html
    assert len([one for one in BUILT_IN.values() if f">{one.unsubscribe}</a>" in html]) == 1


def test_whatever_language_an_import_knows_has_words_of_its_own() -> None:
    assert {"de", "en", "es", "fr", "it", "nl", "pt"} <= set(BUILT_IN)
    for number in range(3):
        assert len({words[number] for words in BUILT_IN.values()}) == len(BUILT_IN)


def test_the_projects_own_sentence_is_used_as_it_is() -> None:
    mail = SHOP.sending(permission_reminder="You met us at a fair <2026> & signed up.").mail("Hi")

    assert "You met us at a fair <2026> & signed up.\nUnsubscribe: https" in part(mail, "plain")
    assert "You met us at a fair &lt;2026&gt; &amp; signed up." in part(mail, "html")
    assert "You receive" not in part(mail, "plain")


def test_a_layout_may_tell_contacts_apart_by_what_was_recorded() -> None:
    met_you = "{% if contact.consent_basis == 'trade fair' %}We met at {{ contact.consent_source }}.{% endif %}"
    shop = Workshop(
        {"_layout.txt": f"{{{{ body }}}}\n{met_you}\n{{{{ sender.postal_address }}}}\n{{{{ unsubscribe_url }}}}"}
    )
    met = replace(ANN, consent_basis="trade fair", consent_source="the spring fair")

    assert "We met at the spring fair." in part(shop.mail("Hi", met), "plain")
    assert "We met" not in part(shop.mail("Hi"), "plain")
