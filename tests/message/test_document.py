"""What leaves by other ways than mail."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from nurture_cli.message.failure import Flaw, RenderError
from tests.message.workshop import ANN, AT, KEY, Workshop, asset

SHOP = Workshop()


def test_a_webhook_gets_json_with_everything_it_needs() -> None:
    made = SHOP.renderer.document(
        asset("Hi **{{ contact.first_name }}** <x>", channel="hook", link="https://acme.example/"), ANN, key=KEY, at=AT
    )
    posted = json.loads(made.data)

    assert posted["key"] == KEY == made.key
    assert posted["project"] == "Acme News"
    assert posted["asset"] == {
        "name": "hello", "title": "Hello", "kind": "article", "link": "https://acme.example/",
    }  # fmt: skip
    assert posted["subject"] == "Hello from Acme"
    assert posted["text"] == "Hi Ann"
    assert posted["html"] == "<p>Hi <strong>Ann</strong> <x></p>"
    assert posted["link"] == "https://acme.example/"
    assert posted["unsubscribe_url"].startswith("https://acme.example/leave/")
    assert posted["contact"]["email"] == "ann@plant.example"
    assert posted["contact"]["job_title"] is None
    assert posted["contact"]["fields"] == {"employees": 250.0, "plan": None, "renewal": "2026-12-01", "vip": None}
    assert posted["contact"]["tags"] == ["a", "b"]


def test_a_task_is_a_title_and_a_text() -> None:
    made = asset(
        "Ring {{ contact.first_name }}\nsoon\n", suffix="txt", channel="task", subject="'Call {{ contact.email }}'"
    )

    assert SHOP.renderer.document(made, ANN, key=KEY, at=AT).data == b"Call ann@plant.example\n\nRing Ann\nsoon\n"


def test_a_task_without_a_subject_is_called_like_its_asset() -> None:
    made = replace(asset("Ring", suffix="txt", channel="task"), subject="")

    assert SHOP.renderer.document(made, ANN, key=KEY, at=AT).data == b"Hello\n\nRing\n"


def test_a_task_needs_no_way_out_and_no_postal_address() -> None:
    shop = SHOP.sending(postal_address="", unsubscribe_url=None, unsubscribe_mailto=None)

    assert shop.renderer.document(asset("Ring", suffix="txt", channel="task"), ANN, key=KEY, at=AT).data


def test_the_same_document_is_the_same_bytes_at_any_time() -> None:
    made = asset("Hi", channel="hook")
    first = SHOP.renderer.document(made, ANN, key=KEY, at=AT)
    second = Workshop().renderer.document(made, replace(ANN, tags=frozenset(["b", "a"])), key=KEY, at=AT + 999)

    assert first == second


@pytest.mark.parametrize("name", ["\ud800", "\0", "日本", '"\\', "\u2028", "</script>"])
def test_odd_names_make_sound_json(name: str) -> None:
    made = SHOP.renderer.document(asset("Hi", channel="hook"), replace(ANN, first_name=name), key=KEY, at=AT)

    assert json.loads(made.data.decode())["contact"]["first_name"] == name.replace("\ud800", "?")


def test_what_json_cannot_say_is_no_value() -> None:
    contact = replace(ANN, fields={"employees": float("inf")})
    made = SHOP.renderer.document(asset("Hi", channel="hook"), contact, key=KEY, at=AT)

    assert json.loads(made.data)["contact"]["fields"]["employees"] is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{{ contact.frist_name }}", Flaw.UNDEFINED_VARIABLE),
        ("[a](javascript:x)", Flaw.BAD_LINK),
        ("*|X|*", Flaw.UNRESOLVED_PLACEHOLDER),
    ],
)
def test_a_document_is_refused_for_the_same_reasons(body: str, reason: Flaw) -> None:
    with pytest.raises(RenderError) as caught:
        SHOP.renderer.document(asset(body, channel="hook"), ANN, key=KEY, at=AT)

    assert caught.value.reason is reason
