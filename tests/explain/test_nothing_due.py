"""Why nothing is due: every contact counts once, and what is missing comes first. The campaign is the docstring."""

from __future__ import annotations

import pytest

from nurture_cli.explain import nothing_due
from nurture_cli.explain.nothing_due import Why, why_nothing_is_due
from nurture_cli.reasons import Nothing
from tests.planner.nursery import Nursery

STEPS = "stages: {early: [{send: a}, {wait: 2 days}, {send: b}]}"
UNCONSENTED = {"consent": "unknown", "consent_basis": None, "consent_source": None}
# Told beside the places, when they keep everybody from being written to.
CONSENT = {Nothing.NO_CONSENT, Nothing.INCOMPLETE_CONSENT, Nothing.CONSENT_ENDED, Nothing.SUPPRESSED}


def why(nursery: Nursery, name: str | None = None) -> tuple[Why, ...]:
    return why_nothing_is_due(nursery.plan(), name)


def counts(nursery: Nursery, name: str | None = None) -> dict[str, int]:
    return {one.reason.value: one.count for one in why(nursery, name)}


def suppress(nursery: Nursery, name: str) -> None:
    nursery.db.execute(
        "INSERT INTO suppression (address_hash, reason, source, at)"
        " SELECT address_hash, 'manual', 'test', ? FROM contact WHERE id = ?",
        (nursery.at, nursery.id_of(name)),
    )


def test_without_campaigns_and_without_contacts_that_is_said(nursery: Nursery) -> None:
    assert counts(nursery) == {"no-campaign": 0, "no-contact": 0}

    nursery.campaign("c", STEPS)
    (only,) = why(nursery)
    assert (only.reason, only.next) == (Nothing.NO_CONTACT, "Import some: `nurture contacts import FILE`.")

    (nursery.folder / "campaigns/c.yml").unlink()
    nursery.contact("ann")
    assert [one.sentence for one in why(nursery)] == ["There is no campaign in campaigns/."]


def test_something_due_or_held_back_needs_no_reason(nursery: Nursery) -> None:
    """Due first, then held back for want of consent.

    stages: {early: [{send: a}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    assert why(nursery) == ()

    nursery.change("ann", consent="unknown")
    assert nursery.plan().counts.held == 1
    assert why(nursery) == ()


@pytest.mark.parametrize(
    ("facts", "reason", "said"),
    [
        (UNCONSENTED, "no-consent", "None of the 2 contacts has recorded consent, so nothing can be sent to them."),
        (
            {"consent_basis": None},
            "incomplete-consent",
            "Both contacts have consent without its basis or its source, which counts as none.",
        ),
        (
            {"consent_source": None},
            "incomplete-consent",
            "Both contacts have consent without its basis or its source, which counts as none.",
        ),
        ({"consent": "implied", "consent_until": 5}, "consent-ended", "Both contacts gave consent that has run out."),
        ({"consent": "withdrawn"}, "no-consent", "None of the 2 contacts has recorded consent, so nothing can be sent"),
    ],
    ids=lambda one: None if isinstance(one, dict) else one[:18],
)
def test_when_nobody_can_be_written_to_that_comes_first_and_then_where_they_are(
    nursery: Nursery, facts: dict[str, object], reason: str, said: str
) -> None:
    nursery.campaign("c", STEPS)
    for name in ("ann", "bob"):
        nursery.contact(name, **facts)

    first, second = why(nursery)

    assert (first.reason.value, first.count) == (reason, 2)
    assert first.sentence.startswith(said)
    assert "nurture contacts set EMAIL" in first.next
    assert second.sentence == 'None of the 2 contacts has entered `c`: it asks for did("downloaded").'


def test_the_one_and_only_contact_is_spoken_of_as_one(nursery: Nursery) -> None:
    """One.

    stages: {early: [{send: a}]}
    """
    nursery.contact("ann", **UNCONSENTED)

    assert [one.sentence for one in why(nursery)] == [
        "The only contact has no recorded consent, so nothing can be sent to them.",
        'The only contact has not entered `c`: it asks for did("downloaded").',
    ]


def test_a_project_that_only_makes_tasks_asks_for_no_consent(nursery: Nursery) -> None:
    """A task reaches no contact.

    stages: {early: [{send: t}]}
    """
    for name in "abcdef":
        (nursery.folder / f"templates/{name}.md").unlink()
    nursery.write_asset("t", channel="task")
    nursery.contact("ann", **UNCONSENTED)

    assert counts(nursery) == {"not-entered": 1}


def test_every_contact_counts_once_wherever_it_is(nursery: Nursery) -> None:
    """Of everything one; whoever cannot be written to is told apart from the others.

    enter: {when: did("downloaded") or role == "buyer", backfill: false}
    exit: {when: tag("out")}
    stages:
      early: [{send: a}, {wait: 2 days}, {send: b}, {wait_for: clicked("b"), within: forever, then: []}, {send: c}]
      late: [{send: d}]
    """
    nursery.contact("passed", role="buyer")
    nursery.run()
    for name in ("waits", "also", "clicks", "rests", "done", "left", "never", "mute", "quiet"):
        nursery.contact(name)
        if name != "never":
            nursery.did(name)
    nursery.change("done", stage="late")
    nursery.change("rests", stage="middle")
    nursery.run()
    nursery.db.execute("INSERT INTO contact_tag (contact_id, tag) VALUES (?, 'out')", (nursery.id_of("left"),))
    nursery.change("mute", **UNCONSENTED)
    suppress(nursery, "quiet")

    told = why(nursery)

    assert {one.reason.value: one.count for one in told} == {
        "no-consent": 1, "waiting": 3, "not-entered": 1, "passed-over": 1, "resting": 1, "exhausted": 1, "left": 1,
        "suppressed": 1,
    }  # fmt: skip
    assert sum(one.count for one in told) == nursery.db.execute("SELECT count(*) FROM contact").fetchone()[0]
    assert [one.reason for one in told] == sorted((one.reason for one in told), key=list(Nothing).index)
    sentences = {one.reason.value: one.sentence for one in told}
    assert sentences["waiting"] == (
        "3 of 10 contacts are waiting in `c`; the next wait ends on 2026-03-04 09:00 +01:00 (3 contacts)."
    )
    assert sentences["left"] == "1 of 10 contacts has left `c`, or reached its end."
    nursery.run()  # what the plan has decided, and what a run has written down, is the same
    assert why(nursery) == told


def test_a_wait_without_an_end_is_said_to_have_none(nursery: Nursery) -> None:
    """For ever.

    stages: {early: [{wait_for: clicked("a"), within: forever, then: []}, {send: b}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    assert [one.sentence for one in why(nursery)] == ["The only contact is waiting in `c`; no wait has an end."]


def test_the_next_wait_is_the_earliest_of_all_and_counts_those_whose_it_is(nursery: Nursery) -> None:
    """A day between them.

    stages: {early: [{wait: 2 days}, {send: a}]}
    """
    for name in ("ann", "bob"):
        nursery.contact(name)
        nursery.did(name)
    nursery.run()
    nursery.pass_time(days=1)
    nursery.contact("cat", **UNCONSENTED)
    nursery.contact("dan")
    nursery.did("dan")
    nursery.run()

    (no_consent, waiting) = why(nursery)

    assert no_consent.sentence.startswith("1 of 4 contacts has no recorded consent")
    assert waiting.sentence.endswith("the next wait ends on 2026-03-04 09:00 +01:00 (2 contacts).")
    assert waiting.sentence.startswith("3 of 4 contacts are waiting")


def test_one_campaign_is_asked_about_by_itself_and_others_are_named(nursery: Nursery) -> None:
    nursery.campaign("c", STEPS)
    nursery.campaign("other", STEPS.replace("send: a", "send: d"), enter='{when: tag("x"), backfill: true}')
    nursery.contact("ann")
    nursery.did("ann")

    other, entered = why(nursery, "other")

    assert (other.reason, other.count) == (Nothing.OTHER_CAMPAIGN, 1)
    assert other.sentence == "Other campaigns have 1 due and 0 held back."
    assert entered.sentence == 'The only contact has not entered `other`: it asks for tag("x").'


def test_of_many_campaigns_some_are_quoted_and_a_long_condition_is_cut(nursery: Nursery) -> None:
    for number in range(5):
        condition = " or ".join(f'tag("a-rather-long-tag-{number}-{other}")' for other in range(9))
        nursery.campaign(f"c{number}", STEPS, enter=f"{{when: '{condition}', backfill: true}}")
    nursery.contact("ann")

    (only,) = why(nursery)

    assert only.sentence.count("asks for") == 3
    assert "`c2` asks for" in only.sentence
    assert only.sentence.endswith("…; and 2 more campaigns.")
    assert len(only.sentence) < 340


def test_sales_and_rest_are_places_too(nursery: Nursery) -> None:
    nursery.campaign("c", STEPS)
    nursery.contact("sold")
    nursery.contact("rests")
    nursery.db.execute(
        "INSERT INTO handoff (contact_id, at, cause, stage, version, sort) VALUES (?, ?, 'test', 'early', '', 'new')",
        (nursery.id_of("sold"), nursery.at),
    )
    nursery.db.execute(
        "INSERT INTO recycling (contact_id, at, reason, interest, rest_until, campaign)"
        " VALUES (?, ?, 'no-budget', 'keep', ?, '')",
        (nursery.id_of("rests"), nursery.at, nursery.at + 86400),
    )

    at_rest, with_sales = why(nursery)

    assert at_rest.sentence == (
        "1 of 2 contacts is resting after Sales returned them;"
        " the next rest ends on 2026-03-03 09:00 +01:00 (1 contact)."
    )
    assert with_sales.sentence == "1 of 2 contacts is with Sales, so campaigns leave them alone."


def test_a_long_list_is_not_looked_at_one_by_one(nursery: Nursery, monkeypatch: pytest.MonkeyPatch) -> None:
    """No statement that looks at every contact.

    stages: {early: [{wait: 2 days}, {send: a}]}
    """
    monkeypatch.setattr(nothing_due, "MOST", 2)
    for name in ("ann", "bob", "cat"):
        nursery.contact(name)
        nursery.did(name)
    nursery.run()
    plan, seen = nursery.plan(), list[str]()

    nursery.db.set_trace_callback(seen.append)
    waiting, long_list = why_nothing_is_due(plan)
    nursery.db.set_trace_callback(None)

    assert waiting.sentence == "Contacts are waiting; the next wait ends on 2026-03-04 09:00 +01:00 (3 contacts)."
    assert long_list.sentence == "The list has more than 2 contacts."
    assert all("LIMIT" in statement for statement in seen)
