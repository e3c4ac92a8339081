"""The funnel of nurture.yml as it is read: what is written, what is left out, and what stands for it then."""

from __future__ import annotations

import random

import pytest
from jsonschema import Draft7Validator

from nurture_cli.campaign.config import ConfigReading, parse_config
from nurture_cli.campaign.funnel import (
    DEFAULT_GRADES,
    DEFAULT_HALF_LIFE,
    DEFAULT_PER_DAY,
    DEFAULT_POINTS,
    DEFAULT_STAGES,
    Agreement,
    Funnel,
    Owner,
    ScorePolicy,
    Stage,
    StageKind,
)
from nurture_cli.campaign.keys.schema import json_schema
from nurture_cli.language.expression import Compare, InSegment, Responses
from nurture_cli.records import EVENT_KINDS
from nurture_cli.timing import parse_duration
from tests.campaign.test_schema import as_editor_sees_it

DAY = 86400
LEAST = "project: X\nzone: Europe/Berlin\nsender: {name: A, address: a@example.com}\n"
WHOLE = (
    LEAST
    + """\
events: [trial_started]
fields: {employees: number}
channels: {mail: {type: outbox}}
segments:
  large: employees >= 200
  warm: interest >= 10 and in_segment("large")
stages:
  - awareness
  - stage: name
    when: did("downloaded") or furthest_stage == "customer"
  - recycled
  - stage: target
    kind: gate
    when: fit >= 30 and in_segment("warm")
  - stage: lead
    kind: sla
    within: 5 business days
    owner: both
    when: grade in ["A1", "B1"] and responses(stage="target") >= 1
    handoff: sales
    back:
      - {to: recycled, for: [no-budget, not-now]}
      - {to: name, for: [wrong-person]}
  - {stage: sales-lead, owner: sales}
  - {stage: customer}
agreement: {version: 2026-2, date: 2026-10-01, agreed_by: [Mara Feld, Jonas Weber]}
fit:
  - if: role == "decision-maker"
    points: 30
  - {if: tag("partner"), points: 0}
interest:
  half_life: 2 weeks
  points: {trial_started: 50, visited: 0, opened: 1}
  per_day: {clicked: 5, trial_started: 1}
  roles: {decision-maker: 2, user: 0.5}
grades: {interest: [40, 10]}
sales: {channel: mail, to: sales@example.com, accept_within: 2 business days, accepted: sales-lead, won: customer}
recycling:
  no-budget: {rest: 90 days, then: keep-warm, interest: halve}
  not-now: {rest: 30 days}
  wrong-person: {}
radar:
  - signal: back
    if: burst(times=3, within="7 days", after="60 days")
    stage: name
  - signal: company
    if: company_people(within="14 days") >= 3 or company_interest >= 80
    task: Look at the company
    quiet: 10 days
"""
)


def read(text: str) -> ConfigReading:
    return parse_config(text.encode(), "nurture.yml", {"ebook"}, {"keep-warm"})


def funnel(text: str) -> Funnel:
    reading = read(text)
    assert reading.diagnostics == ()
    assert reading.config is not None
    assert reading.config.stages == tuple(stage.name for stage in reading.config.funnel.stages)
    return reading.config.funnel


def test_a_project_without_stages_has_the_usual_ones() -> None:
    found = funnel(LEAST)

    assert tuple(found.by_name) == DEFAULT_STAGES
    assert all(stage == Stage(name, stage.span) for name, stage in found.by_name.items())
    assert read(LEAST).names.stages == DEFAULT_STAGES


def test_the_usual_stages_can_be_named_without_being_written() -> None:
    text = LEAST + 'sales: {accepted: sales-lead, won: customer}\nsegments:\n  ours: stage in ["lead", "customer"]\n'
    found = funnel(text)

    assert found.sales is not None
    assert (found.sales.accepted, found.sales.won) == ("sales-lead", "customer")


def test_what_is_not_written_has_its_usual_value() -> None:
    found = funnel(LEAST)

    assert found.interest.points == DEFAULT_POINTS
    assert "opened" not in found.interest.points
    assert found.interest.points.keys() <= set(EVENT_KINDS)
    assert found.interest.per_day == dict.fromkeys(DEFAULT_POINTS, DEFAULT_PER_DAY)
    assert (found.interest.half_life, found.interest.roles) == (DEFAULT_HALF_LIFE, {})
    assert found.grades == DEFAULT_GRADES
    assert (found.agreement, found.sales, found.fit, found.recycling, found.radar) == (None, None, (), (), ())
    assert found.version == ""


def test_names_and_mappings_stand_in_one_list_of_stages() -> None:
    found = funnel(WHOLE)

    assert [stage.name for stage in found.stages] == [
        "awareness", "name", "recycled", "target", "lead", "sales-lead", "customer",
    ]  # fmt: skip
    assert [found.rank(name) for name in ("awareness", "customer", "gone")] == [0, 6, -1]
    assert [stage.name for stage in found.stages if stage.criteria is not None] == ["name", "target", "lead"]
    assert found.by_name["customer"] == Stage("customer", found.by_name["customer"].span)
    assert str(found.by_name["customer"].span) == "nurture.yml:28:13"


def test_a_stage_is_read_with_all_its_keys() -> None:
    lead = funnel(WHOLE).by_name["lead"]

    assert (lead.kind, lead.within) == (StageKind.SLA, parse_duration("5 business days"))
    assert (lead.owner, lead.handoff) == (Owner.BOTH, True)
    assert [(edge.to, edge.reasons) for edge in lead.back] == [
        ("recycled", ("no-budget", "not-now")),
        ("name", ("wrong-person",)),
    ]


def test_criteria_may_name_stages_below_them_and_segments() -> None:
    target = funnel(WHOLE).by_name["target"]
    lead = funnel(WHOLE).by_name["lead"]

    assert target.criteria is not None
    assert any(isinstance(part, InSegment) for part in target.criteria.body.parts)  # type: ignore[union-attr]
    assert lead.criteria is not None
    counted = lead.criteria.body.parts[1]  # type: ignore[union-attr]
    assert isinstance(counted, Compare)
    assert isinstance(counted.left, Responses)
    assert counted.left.stage == "target"


def test_the_ways_back_and_their_tracks_are_found_by_reason() -> None:
    found = funnel(WHOLE)

    assert found.reasons == ("no-budget", "not-now", "wrong-person")
    assert found.way_back("lead", "not-now") == "recycled"
    assert found.way_back("lead", "wrong-person") == "name"
    assert found.way_back("lead", "boredom") is None
    assert found.way_back("customer", "not-now") is None
    assert found.way_back("no-stage", "not-now") is None
    track = found.track("no-budget")
    assert track is not None
    assert (track.rest, track.then, track.interest) == (parse_duration("90 days"), "keep-warm", ScorePolicy.HALVE)
    bare = found.track("wrong-person")
    assert bare is not None
    assert (bare.rest, bare.then, bare.interest) == (None, None, ScorePolicy.KEEP)
    assert found.track("boredom") is None


def test_points_given_replace_the_usual_ones_of_their_kind_alone() -> None:
    interest = funnel(WHOLE).interest

    assert interest.half_life == 14 * DAY
    assert {kind: interest.points[kind] for kind in ("trial_started", "opened", "clicked")} == {
        "trial_started": 50, "opened": 1, "clicked": DEFAULT_POINTS["clicked"],
    }  # fmt: skip
    assert "visited" not in interest.points
    assert interest.points.keys() <= interest.per_day.keys()
    assert (interest.per_day["clicked"], interest.per_day["trial_started"], interest.per_day["opened"]) == (5, 1, 2)
    assert interest.roles == {"decision-maker": 2.0, "user": 0.5}


def test_one_side_of_the_matrix_may_be_left_as_it_is() -> None:
    grades = funnel(WHOLE).grades

    assert (grades.fit, grades.interest) == (DEFAULT_GRADES.fit, (40, 10))


def test_the_agreement_sales_fit_and_radar_are_read() -> None:
    found = funnel(WHOLE)

    assert found.agreement == Agreement("2026-2", "2026-10-01", ("Mara Feld", "Jonas Weber"))
    assert found.version == "2026-2"
    assert found.sales is not None
    assert (found.sales.channel, found.sales.to) == ("mail", "sales@example.com")
    assert found.sales.accept_within == parse_duration("2 business days")
    assert [(rule.condition.text, rule.points) for rule in found.fit] == [
        ('role == "decision-maker"', 30),
        ('tag("partner")', 0),
    ]
    assert [(one.name, one.stage, one.task, one.quiet) for one in found.radar] == [
        ("back", "name", None, 30 * DAY),
        ("company", None, "Look at the company", 10 * DAY),
    ]


def test_hand_offs_go_to_the_list_of_tasks_unless_told_otherwise() -> None:
    sales = funnel(LEAST + "sales: {won: customer}\n").sales

    assert sales is not None
    assert (sales.channel, sales.to, sales.accept_within, sales.accepted) == ("task", None, None, None)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("channel: mail", "channel: post", "unknown-channel"),
        ("then: keep-warm", "then: warm", "unknown-campaign"),
        ("{trial_started: 50", "{tryal_started: 50", "unknown-event-kind"),
        ("to: sales@example.com", "to: sales", "bad-address"),
        ("date: 2026-10-01", "date: 2026-02-30", "bad-date"),
        ("within: 5 business days", "within: soon", "bad-duration"),
        ("quiet: 10 days", "quiet: 10 business days", "bad-duration"),
        ("user: 0.5", "user: half", "bad-number"),
        ("{interest: [40, 10]}", "{interest: [10, 40]}", "wrong-type"),
        ("{interest: [40, 10]}", "{interest: [40, 40]}", "wrong-type"),
        ("points: 30", "points: -30", "wrong-type"),
        ("- awareness", "- recycled", "repeated-item"),
        ("- awareness", "- any", "bad-name"),
        ("{to: recycled,", "{to: customer,", "bad-stage"),
        ("{to: recycled,", "{to: lead,", "bad-stage"),
        ("for: [wrong-person]", "for: [not-now]", "bad-stage"),
        ("    kind: gate\n    when: fit >= 30 and in_segment(\"warm\")", "    kind: gate", "missing-key"),
        ("  - {stage: customer}\n", "  - {stage: customer, kind: gate, when: fit > 1}\n", "bad-stage"),
        ("    kind: sla\n", "", "bad-stage"),
        ("    within: 5 business days\n", "", "missing-key"),
        ("    task: Look at the company\n", "", "missing-key"),
        ("signal: company", "signal: back", "repeated-item"),
        ("  not-now: {rest: 30 days}", "  no-budget: {rest: 30 days}", "repeated-key"),
        ("employees: number", "employees: number, grade: text", "bad-name"),
        ('grade in ["A1", "B1"]', 'grade in ["A1", "B4"]', "condition-type"),
        ("fit >= 30", 'fit >= "30"', "condition-type"),
        ('responses(stage="target")', 'responses(stage="targets")', "unknown-stage"),
    ],
)  # fmt: skip
def test_one_thing_wrong_is_told_once(old: str, new: str, rule: str) -> None:
    assert WHOLE.count(old) == 1
    reading = read(WHOLE.replace(old, new))

    assert reading.config is None
    assert [found.rule for found in reading.diagnostics] == [rule]


def test_a_stage_that_hands_over_needs_sales() -> None:
    without = "".join(line for line in WHOLE.splitlines(keepends=True) if not line.startswith("sales:"))

    assert [found.rule for found in read(without).diagnostics] == ["missing-key"]


def test_the_names_of_stages_are_known_although_one_of_them_is_broken() -> None:
    reading = read(WHOLE.replace("owner: both", "owner: nobody"))

    assert reading.names.stages[-1] == "customer"
    assert [found.rule for found in reading.diagnostics] == ["wrong-type"]


def test_the_schema_takes_the_whole_funnel() -> None:
    Draft7Validator(json_schema("project")).validate(as_editor_sees_it(WHOLE))
    Draft7Validator(json_schema("project")).validate(as_editor_sees_it(LEAST))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: sla", "kind: waiting"),
        ("owner: both", "owner: nobody"),
        ("handoff: sales", "handoff: marketing"),
        ("handoff: sales", "handsoff: sales"),
        ("{to: recycled, for: [no-budget, not-now]}", "{for: [no-budget, not-now]}"),
        ("{to: recycled, for: [no-budget, not-now]}", "{to: recycled, for: []}"),
        ("  - {stage: customer}\n", "  - {when: fit > 3}\n"),
        ("version: 2026-2, ", ""),
        ("points: 30", "points: many"),
        ("points: 30", "points: -1"),
        ("{interest: [40, 10]}", "{interest: [40]}"),
        ("{interest: [40, 10]}", "{interests: [40, 10]}"),
        ("accept_within", "accepted_within"),
        ("interest: halve", "interest: double"),
        ("rest: 30 days", "wait: 30 days"),
        ("signal: company", "name: company"),
        ("roles: {decision-maker: 2", "roles: {decision-maker: [2]"),
        ("per_day: {clicked: 5", "per_day: {clicked: 0"),
    ],
)
def test_the_schema_refuses_what_the_parser_refuses(old: str, new: str) -> None:
    assert WHOLE.count(old) == 1
    text = WHOLE.replace(old, new)

    assert read(text).config is None
    assert not Draft7Validator(json_schema("project")).is_valid(as_editor_sees_it(text))


@pytest.mark.parametrize("seed", range(4))
def test_a_mangled_funnel_is_read_whole_or_explained(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(12):
        lines = WHOLE.split("\n")
        at, to = dice.randrange(len(lines)), dice.randrange(len(lines))
        match dice.randrange(3):
            case 0:
                lines[at], lines[to] = lines[to], lines[at]
            case 1:
                lines[at] = lines[at][: dice.randrange(len(lines[at]) + 1)]
            case _:
                lines[at] = lines[at].replace(dice.choice([":", "-", "[", "{", '"', "s"]), dice.choice(["", "~", ": "]))
        text = "\n".join(lines)
        reading = read(text)

        assert (reading.config is None) == bool(reading.diagnostics)
        assert all(1 <= found.span.line <= len(lines) for found in reading.diagnostics)
