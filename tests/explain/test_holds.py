"""Hold reasons in words: every one of them, and missing parts of a consent by their name."""

from __future__ import annotations

import pytest

from nurture_cli.reasons import Hold
from tests.planner.nursery import Nursery


@pytest.mark.parametrize("hold", Hold)
def test_every_hold_reason_says_why_and_what_frees_a_touch(hold: Hold) -> None:
    assert hold.why
    assert hold.frees
    assert Hold(str(hold)) is hold


@pytest.mark.parametrize(
    ("facts", "why", "typed"),
    [
        ({"consent": "unknown"}, "no consent recorded", "consent=… consent_basis=… consent_source=…"),
        ({"consent_basis": None}, "consent recorded without its basis, which counts as none", "consent_basis=…"),
        ({"consent_source": None}, "consent recorded without its source, which counts as none", "consent_source=…"),
        (
            {"consent_basis": None, "consent_source": None},
            "consent recorded without its basis and source, which counts as none",
            "consent_basis=… consent_source=…",
        ),
        ({"consent_until": 5}, "the contact's consent has run out", "consent=… consent_basis=… consent_source=…"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_hold_for_want_of_consent_names_what_is_missing_and_what_to_type(
    nursery: Nursery, facts: dict[str, object], why: str, typed: str
) -> None:
    nursery.campaign("c", "stages: {any: [{send: a}]}")
    nursery.contact("ann", **facts)
    nursery.did("ann")

    told = nursery.explain("ann")

    (place,) = told.places
    assert place.why == f"due, but held: {why}"
    assert f"`nurture contacts set ann@people.example {typed}`" in place.frees
    assert next(one.why for one in told.assets if one.asset == "a") == place.why


@pytest.mark.parametrize(("reason", "typed"), [("manual", "--why …`"), ("complaint", "--why … --although complaint`")])
def test_the_command_for_a_suppressed_contact_is_one_that_is_carried_out(
    nursery: Nursery, reason: str, typed: str
) -> None:
    nursery.campaign("c", "stages: {any: [{send: a}]}")
    nursery.contact("ann")
    nursery.did("ann")
    nursery.db.execute(
        "INSERT INTO suppression (address_hash, reason, source, at) SELECT address_hash, ?, 't', 1 FROM contact",
        (reason,),
    )

    told = nursery.explain("ann")

    assert told.barred is not None
    assert f"`nurture suppress remove ann@people.example {typed}" in told.barred.frees
