"""The brief for Sales: what it says, what it leaves out, and that nothing in it is markup."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from nurture_cli.inert import JOINERS
from nurture_cli.planner.fading import EPOCH, whole
from nurture_cli.report.brief import MOST_COLLEAGUES, Brief, make_brief
from nurture_cli.report.brief_record import as_record
from nurture_cli.report.brief_text import LONGEST, inert_markdown, markdown
from nurture_cli.report.conversation_opener import opening, strongest
from nurture_cli.report.readiness import Response, readiness
from nurture_cli.store.contacts import load_contacts
from nurture_cli.store.sales import handoffs_of, lose, reject
from tests.examples import examples
from tests.planner.nursery import CONFIG, DAY, HOUR, MONDAY, Nursery

FUNNEL = CONFIG.replace(
    "stages: [early, middle, late, customer]",
    """
stages:
  - early
  - stage: middle
    when: interest >= 20 and touches() >= 0
    handoff: sales
    back: [{to: early, for: [later, wrong]}]
  - {stage: late, back: [{to: early, for: [wrong]}]}
  - customer
agreement: {version: "3", date: 2026-01-01, agreed_by: [Mara, Jonas]}
fit: [{if: role == "buyer", points: 40}]
sales: {channel: task, accept_within: 1 business day, accepted: late, won: customer}
interest: {half_life: 10 days}
recycling: {later: {interest: halve}, wrong: {interest: reset}}
""",
)


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    """A nursery that hands over to Sales."""
    made = Nursery(tmp_path)
    made.write("nurture.yml", FUNNEL)
    made.campaign("c", "stages: {any: [{send: a}]}", enter='{when: tag("never"), backfill: false}')
    yield made
    made.db.close()


def lead(nursery: Nursery, name: str = "ann", kind: str = "inquired", **facts: object) -> None:
    """Somebody who fits and responded, handed over."""
    nursery.contact(name, **{"role": "buyer"} | facts)
    nursery.did(name, kind)
    nursery.run()


def brief(nursery: Nursery, name: str = "ann") -> Brief:
    """The brief of the last hand-off, now."""
    project = nursery.project
    assert project.config is not None
    handoff = handoffs_of(nursery.db, nursery.id_of(name))[-1]
    return make_brief(nursery.db, project.config, project.assets, handoff, nursery.at)


def give_back(nursery: Nursery, reason: str, name: str = "ann") -> None:
    """Sales rejects."""
    config = nursery.project.config
    assert config is not None
    number = nursery.id_of(name)
    reject(nursery.db, load_contacts(nursery.db, [number])[number], config, reason, now=nursery.at)


# --- why, how much


def test_facts_are_those_that_were_seen_then_and_points_those_of_now(nursery: Nursery) -> None:
    lead(nursery)
    then = nursery.at
    nursery.pass_time(days=10)
    made = brief(nursery)

    assert (made.handoff.at, made.handoff.cause, made.handoff.version) == (then, "stage middle", "3")
    assert made.move is not None
    assert (made.move.cause, made.move.facts["interest"]) == ("criteria", 25)
    assert (made.readiness.interest, made.readiness.fit, made.readiness.grade) == (12, 40, "B3")
    assert [(part.points, part.condition) for part in made.readiness.fit_why] == [(40, 'role == "buyer"')]
    assert [(one.kind, one.points, round(one.left, 1)) for one in made.readiness.responses] == [("inquired", 25, 12.5)]
    assert (made.due_by, made.overdue) == (then + DAY, True)


def test_the_way_that_led_to_the_hand_off_is_told_even_after_later_moves(nursery: Nursery) -> None:
    lead(nursery)
    nursery.pass_time(days=1)
    give_back(nursery, "later")
    made = brief(nursery)

    assert made.move is not None
    assert (made.move.before, made.move.stage) == ("early", "middle")
    assert [(one.stage, one.reason) for one in made.moves] == [("middle", ""), ("early", "later")]


@settings(max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.lists(st.tuples(st.sampled_from(["clicked", "visited", "inquired", "opened"]), st.integers(0, 40 * 24))),
    given_back=st.lists(st.tuples(st.sampled_from(["keep", "halve", "reset"]), st.integers(0, 40 * 24)), max_size=3),
    later=st.integers(0, 30 * 24),
)
def test_the_parts_of_interest_come_to_the_interest_that_is_kept(
    nursery: Nursery, events: list[tuple[str, int]], given_back: list[tuple[str, int]], later: int
) -> None:
    (number,) = nursery.db.execute("SELECT count(*) FROM contact").fetchone()
    nursery.contact(f"p{number}")
    ann = nursery.id_of(f"p{number}")
    for kind, hours in events:
        nursery.did(f"p{number}", kind, ago=hours * HOUR)
    for policy, hours in given_back:
        nursery.db.execute(
            "INSERT INTO recycling (contact_id, at, reason, interest, rest_until, campaign, closed_at, closed_why)"
            " VALUES (?, ?, 'x', ?, 0, '', 0, 'x')",
            (ann, nursery.at - hours * HOUR, policy),
        )
    nursery.run()
    config = nursery.project.config
    assert config is not None
    at = nursery.at + later * HOUR
    (heat,) = nursery.db.execute("SELECT heat FROM standing WHERE contact_id = ?", (ann,)).fetchone()

    ready = readiness(nursery.db, config.funnel, [ann], at)[ann]

    kept = 2.0 ** (heat - (at - EPOCH) / config.funnel.interest.half_life)
    assert sum(one.left for one in ready.responses) == pytest.approx(kept, rel=1e-6, abs=1e-6)
    assert abs(ready.interest - whole(kept)) <= 1


def test_machines_and_what_comes_later_do_not_count(nursery: Nursery) -> None:
    lead(nursery)
    nursery.did("ann", "requested_demo", machine=True)
    nursery.did("ann", "replied", ago=-HOUR)
    made = brief(nursery)

    assert [one.kind for one in made.readiness.responses] == ["inquired"]
    assert "requested_demo" not in [one.what for one in made.story]


def test_a_brief_of_then_knows_nothing_of_what_came_later(nursery: Nursery) -> None:
    lead(nursery)
    config, project, handoff = nursery.project.config, nursery.project, handoffs_of(nursery.db, 1)[-1]
    assert config is not None
    then = make_brief(nursery.db, config, project.assets, handoff, handoff.at)
    nursery.pass_time(days=1)
    nursery.did("ann", "clicked")
    nursery.did("ann", "replied")
    nursery.db.execute("UPDATE contact SET stage = 'late'")
    nursery.db.execute(
        "INSERT INTO stage_move (contact_id, from_stage, to_stage, at, cause) VALUES (1, 'middle', 'late', ?, 'x')",
        (nursery.at,),
    )

    again = make_brief(nursery.db, config, project.assets, handoff, handoff.at)

    assert markdown(again) == markdown(then)


# --- open questions and the opening


def test_what_nobody_has_answered_is_open_the_newest_first(nursery: Nursery) -> None:
    lead(nursery)
    nursery.pass_time(hours=2)
    nursery.did("ann", "replied")
    nursery.did("ann", "clicked")
    nursery.did("ann", "requested", "b", ago=30)

    assert [(one.kind, one.title, one.why_open) for one in brief(nursery).questions] == [
        ("requested", "B", "it was not sent yet"),
        ("replied", "", "nobody has answered"),
        ("inquired", "", "nobody has answered"),
    ]


def test_what_was_sent_done_or_closed_is_no_longer_open(nursery: Nursery) -> None:
    lead(nursery)
    give_back(nursery, "later")  # closes the inquiry
    nursery.pass_time(hours=2)
    nursery.did("ann", "requested", "b")
    nursery.did("ann", "replied")
    nursery.did("ann", "requested_demo", ago=30)
    nursery.run()  # sends b, and hands over once more
    (reply,) = nursery.db.execute("SELECT id FROM event WHERE kind = 'replied'").fetchone()
    nursery.db.execute(
        "INSERT OR REPLACE INTO task (key, contact_id, title, body, made_at, done_at)"
        " VALUES ('reply/' || ?, ?, 't', 'b', 1, 2)",
        (reply, nursery.id_of("ann")),
    )

    made = brief(nursery)

    assert [one.kind for one in made.questions] == ["requested_demo"]
    assert (
        made.opening
        == "You asked for a demo on 2026-03-02. Nobody has shown it to you yet: what would you like to see first?"
    )
    assert [(one.state, one.reason) for one in made.before] == [("rejected", "later")]


def test_a_request_that_was_refused_is_open_and_says_why(nursery: Nursery) -> None:
    lead(nursery)
    nursery.did("ann", "requested", "b")
    nursery.db.execute("UPDATE request SET state = 'refused', closed_at = 1, closed_why = 'expired'")

    assert brief(nursery).questions[0].why_open == "it was not sent: expired"


RESPONSE = Response(1, "clicked", "", MONDAY, 5, 5.0)


@pytest.mark.parametrize(
    ("kind", "asset", "said"),
    [
        ("requested_demo", "", "You asked for a demo on 2026-03-02. What made you look into it?"),
        ("requested", "b", "You asked us for “The B” on 2026-03-02. What made you look into it?"),
        ("attended", "b", "You were at “The B” on 2026-03-02."),
        ("replied", "", "You wrote back to us on 2026-03-02."),
        ("downloaded", "gone", "You downloaded “gone” on 2026-03-02."),
        ("gateway_connected", "", "On 2026-03-02 we noted “gateway_connected” of yours."),
        ("gateway_connected", "b", "About “The B”, on 2026-03-02: we noted “gateway_connected”."),
    ],
)
def test_the_opening_says_what_the_contact_did(kind: str, asset: str, said: str) -> None:
    made = opening([replace(RESPONSE, kind=kind, asset=asset)], {"b": "The B"}, set(), "Europe/Berlin")

    assert made.startswith(said)


def test_the_opening_is_about_the_response_of_which_most_is_left() -> None:
    old = replace(RESPONSE, event_id=1, points=40, left=2.0)
    new = replace(RESPONSE, event_id=2, at=MONDAY + DAY)
    newest = replace(RESPONSE, event_id=3, at=MONDAY + 2 * DAY)

    assert strongest([old, new, newest]) is newest
    assert strongest([]) is None
    assert opening([], {}, set(), "UTC") == ""


def test_a_title_is_never_a_pattern() -> None:
    made = opening([replace(RESPONSE, asset="b")], {"b": "{date} {0} %s"}, set(), "UTC")

    assert "“{date} {0} %s” on 2026-03-02" in made


# --- the people and the past


def test_colleagues_come_by_their_interest_and_not_all_of_a_crowd(nursery: Nursery) -> None:
    for number in range(MOST_COLLEAGUES + 2):
        nursery.contact(f"c{number}", company="example LTD")
    nursery.did("c7", "clicked")
    nursery.contact("other", company="Other")
    lead(nursery, company=" Example Ltd ")
    made = brief(nursery)

    assert made.colleagues[0].email == "c7@people.example"
    assert (made.colleagues[0].interest, len(made.colleagues), made.more_colleagues) == (5, MOST_COLLEAGUES, 2)
    assert "ann@people.example" not in [one.email for one in made.colleagues]
    assert "and 2 more" in markdown(made)


def test_without_a_company_there_are_no_colleagues(nursery: Nursery) -> None:
    nursery.contact("bob")
    lead(nursery)

    assert (brief(nursery).colleagues, brief(nursery).more_colleagues) == ((), 0)


def test_the_story_has_every_touch_and_response_in_order_and_what_was_read(nursery: Nursery) -> None:
    nursery.campaign("d", "stages: {any: [{send: a}, {wait: 1 day}, {send: b}]}", enter="{when: True, backfill: true}")
    nursery.contact("ann", role="buyer")
    nursery.run()
    nursery.pass_time(hours=1)
    nursery.did("ann", "clicked", "a")
    nursery.pass_time(days=1)
    nursery.did("ann", "inquired", "b")
    nursery.run()
    made = brief(nursery)

    assert [(one.ours, one.what, one.asset) for one in made.story] == [
        (True, "sent", "a"), (False, "clicked", "a"), (False, "inquired", "b"),
    ]  # fmt: skip
    assert [(one.title, one.received_at, one.responses) for one in made.content] == [
        ("A", MONDAY, ("clicked",)), ("B", None, ("inquired",)),
    ]  # fmt: skip


# --- consent


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, ""),
        ({"consent": "implied", "consent_until": MONDAY + HOUR}, ""),
        ({"consent": "implied", "consent_until": MONDAY}, "consent has ended"),
        ({"consent": "withdrawn"}, "consent is withdrawn"),
        ({"consent_source": None}, "the basis or the source of the consent is not recorded"),
    ],
)
def test_that_no_mail_may_follow_is_said_first(nursery: Nursery, facts: dict[str, object], said: str) -> None:
    lead(nursery, **facts)
    made = brief(nursery)
    first = markdown(made).split("\n\n")[1]

    assert made.no_mail == said
    assert first.startswith("**No mail may follow a call:**") == bool(said)
    assert as_record(made)["mail_allowed"] is not bool(said)


def test_a_suppression_goes_before_consent(nursery: Nursery) -> None:
    lead(nursery)
    nursery.did("ann", "unsubscribed")

    assert brief(nursery).no_mail == "the address is suppressed (unsubscribed)"


# --- the renderings


def test_the_record_is_json_with_zoned_times(nursery: Nursery) -> None:
    lead(nursery, zone="America/New_York", fields={"employees": 5})
    record = json.loads(json.dumps(as_record(brief(nursery)), allow_nan=False))

    assert record["handoff"]["at"] == "2026-03-02T09:00:00+01:00"
    assert record["contact"]["local_time"] == "2026-03-02T03:00:00-05:00"
    assert (record["contact"]["fields"], record["contact"]["zone_known"]) == ({"employees": 5}, True)


def test_hostile_facts_are_text_in_the_brief(nursery: Nursery) -> None:
    evil = (
        "\x1b[2J<script>x</script> [here](http://evil.example) ![x](y) `code` **b** | a@evil.example www.evil.example"
    )
    lead(nursery, first_name=evil, company=evil, job_title=evil, phone="\n\n# Heading\n- item", source="<b>")
    nursery.did("ann", "replied")
    nursery.db.execute("UPDATE event SET properties = ?", (json.dumps({evil: evil, "n": 1.5, "ok": True}),))
    text = markdown(brief(nursery))

    assert_inert(text)
    assert "\x1b" not in text
    assert text.count("\n# ") + text.startswith("# ") == 1


def assert_inert(text: str) -> None:
    """Nothing in the Markdown is a link, HTML or an image, and nothing looks like a link outside of code."""
    tokens = MarkdownIt("commonmark").parse(text)
    inside = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in (*tokens, *inside)}
    assert not kinds & {"link_open", "image", "html_inline", "html_block", "em_open", "fence", "code_block", "hr"}
    for child in inside:
        if child.type == "text":
            assert not re.search(r"[@<>]|//|www\.", child.content), child.content


@given(text=st.text(max_size=60) | st.text("`[]()<>!*_\\ ~#-=+.:/&;@w1a|\n\t", max_size=40))
def test_any_text_is_one_plain_text_or_one_code_span(text: str) -> None:
    written = inert_markdown(text)
    tokens = MarkdownIt("commonmark").parse(f"- Name: {written}")
    (inline,) = [token for token in tokens if token.type == "inline"]

    assert [token.type for token in tokens if token.level == 0] == ["bullet_list_open", "bullet_list_close"]
    assert {child.type for child in inline.children or ()} <= {"text", "code_inline"}
    assert not {unicodedata.category(one) for one in written if one not in JOINERS} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert_inert(f"- Name: {written}\n")


def test_ordinary_names_stay_as_they_are() -> None:
    for text in ("Ann O'Brien", "Müller & Söhne GmbH", "+49 (40) 123-4", "Why? Because: budget.", "3.5", "李 雷"):
        assert inert_markdown(text) == text
    assert inert_markdown("a_b") == "`a_b`"
    assert inert_markdown("a`b") == "``a`b``"
    assert len(inert_markdown("x" * 10_000)) == LONGEST


def test_a_lost_lead_is_told_in_the_next_brief(nursery: Nursery) -> None:
    lead(nursery)
    config = nursery.project.config
    assert config is not None
    ann = nursery.id_of("ann")
    nursery.db.execute("UPDATE handoff SET state = 'accepted', answered_at = at")
    lose(nursery.db, load_contacts(nursery.db, [ann])[ann], config, "wrong", now=nursery.at)
    nursery.pass_time(days=1)
    nursery.did("ann", "inquired")
    nursery.run()
    made = brief(nursery)

    assert made.readiness.interest == 25, "a reset leaves nothing of what was before"
    assert "## Earlier hand-offs\n\n- 2026-03-02 09:00 +01:00 to 2026-03-02 09:00 +01:00: lost, for wrong" in markdown(
        made
    )
