from __future__ import annotations

import time
from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture_cli.calendars import parse_window
from nurture_cli.campaign.config import names_of, parse_config
from nurture_cli.campaign.graph import build_graph, steps_of
from nurture_cli.campaign.model import (
    Again,
    Branch,
    Campaign,
    CampaignRule,
    Exit,
    Goto,
    IfLate,
    MoveStage,
    Once,
    OnReply,
    OnUnknown,
    Send,
    SetFacts,
    Since,
    Split,
    Stream,
    Wait,
    WaitFor,
)
from nurture_cli.campaign.parse import parse_campaign
from nurture_cli.language.names import Names
from nurture_cli.timing import parse_duration
from tests.campaign.project_maker import CONFIG
from tests.examples import examples

ASSETS = ("ebook", "a", "b", "c", "d", "e", "f")


def names() -> Names:
    config = parse_config(CONFIG.encode(), "nurture.yml", ASSETS).config
    assert config is not None
    return names_of(config, ASSETS)


HEAD = 'campaign: c\nenter: {when: clicked("a"), backfill: true}\n'


def parsed(text: str, file: str = "campaigns/c.yml") -> Campaign:
    campaign, found = parse_campaign(text.encode(), file, names())
    assert not found
    assert campaign is not None
    return campaign


def ids(steps: str, tail: str = "") -> list[str]:
    campaign = parsed(f"{HEAD}stages:\n  awareness:\n{steps}{tail}")
    return [step.id.removeprefix("awareness/") for sequence in campaign.sequences for step in steps_of(sequence.steps)]


WHOLE = """\
campaign: c
title: A title
objective: known
priority: 70
once: pass
on_unknown: resend
paused: true
enter:
  when: did("downloaded", "ebook")
  backfill: false
  again: every 90 days
exit:
  when: stage == "customer"
goal:
  when: tag("won")
  within: 60d
pace:
  gap: 3 days
  window: Mon-Fri 09:00-17:00
  if_late: shift
  late_after: 2 days
stages:
  awareness:
    - send: a
    - wait: 72h
    - wait_for: clicked("a")
      within: forever
      since: arrival
      then: [{send: b}]
    - stream: [c, {send: d, if: vip}]
      every: 4 business days
      until: tag("enough")
  any:
    - branch:
        - if: role == "x"
          then: [{exit: not a fit}]
        - if: vip
          then: []
        - else: [{stage: decision}]
    - split:
        name: s
        arms:
          left: {weight: 1, then: [{send: e}]}
          right: {weight: 3}
    - set: {employees: 3, renewal: 2026-03-01, vip: false, company: ~, first_name: 007, tag: warm, untag: [cold, old]}
    - goto: a
rules:
  - if: tag("hot")
    stage: decision
  - {if: vip, goto: awareness/b, id: important}
  - {if: not vip, exit: Not Important!}
moved: {awareness/x: awareness/a, y: b, z: x}
"""


def test_a_whole_campaign_is_read() -> None:
    campaign = parsed(WHOLE)
    assert campaign.hash == sha256(WHOLE.encode()).hexdigest()
    assert (campaign.name, campaign.title, campaign.objective, campaign.priority) == ("c", "A title", "known", 70)
    assert (campaign.once, campaign.on_unknown, campaign.paused) == (Once.PASS, OnUnknown.RESEND, True)
    assert (campaign.enter.again, campaign.enter.every, campaign.enter.backfill) == (
        Again.EVERY,
        parse_duration("90 days"),
        False,
    )
    assert campaign.exit is not None
    assert campaign.exit.text == 'stage == "customer"'
    assert campaign.goal is not None
    assert campaign.goal.within == parse_duration("60d")
    pace = campaign.pace
    assert (pace.gap, pace.window) == (parse_duration("3 days"), parse_window("Mon-Fri 09:00-17:00"))
    assert (pace.if_late, pace.late_after) == (IfLate.SHIFT, parse_duration("2 days"))
    assert str(campaign.places["pace.window"]) == "campaigns/c.yml:19:11"
    assert [sequence.stage for sequence in campaign.sequences] == ["awareness", "any"]
    assert campaign.moved == {"awareness/x": "awareness/a", "awareness/y": "awareness/b", "awareness/z": "awareness/a"}
    build_graph(campaign)


def test_every_step_is_read() -> None:
    first, rest = parsed(WHOLE).sequences
    send, wait, wait_for, stream = first.steps
    assert isinstance(send, Send)
    assert (send.asset, str(send.asset_span), str(send.span)) == ("a", "campaigns/c.yml:24:13", "campaigns/c.yml:24:7")
    assert isinstance(wait, Wait)
    assert wait.duration == parse_duration("72h")
    assert isinstance(wait_for, WaitFor)
    assert (wait_for.within, wait_for.since, wait_for.otherwise) == (None, Since.ARRIVAL, ())
    assert [step.id for step in wait_for.then] == ["awareness/b"]
    assert isinstance(stream, Stream)
    assert [(item.asset, item.condition is None) for item in stream.offers] == [("c", True), ("d", False)]
    assert stream.until is not None
    branch, split, facts, goto = rest.steps
    assert isinstance(branch, Branch)
    assert [arm.condition.text for arm in branch.arms] == ['role == "x"', "vip"]
    (leave,), () = (arm.steps for arm in branch.arms)
    assert isinstance(leave, Exit)
    assert leave.reason == "not a fit"
    (move,) = branch.otherwise
    assert isinstance(move, MoveStage)
    assert move.stage == "decision"
    assert isinstance(split, Split)
    assert [(arm.name, arm.weight, len(arm.steps)) for arm in split.arms] == [("left", 1, 1), ("right", 3, 0)]
    assert isinstance(facts, SetFacts)
    assert dict(facts.fields) == {
        "employees": 3, "renewal": "2026-03-01", "vip": False, "company": None, "first_name": "007",
    }  # fmt: skip
    assert (facts.tags, facts.untags) == (("warm",), ("cold", "old"))
    assert isinstance(goto, Goto)
    assert goto.target == "awareness/a"


def test_rules_are_read_with_ids_of_their_own() -> None:
    rules = parsed(WHOLE).rules
    assert [rule.id for rule in rules] == ["rule/stage-decision", "rule/important", "rule/exit-not-important"]
    assert [(rule.stage, rule.goto, rule.exit) for rule in rules] == [
        ("decision", None, None), (None, "awareness/b", None), (None, None, "Not Important!"),
    ]  # fmt: skip
    assert all(isinstance(rule, CampaignRule) for rule in rules)


def test_what_is_not_written_has_its_written_default() -> None:
    campaign = parsed(HEAD + "stages: {any: []}\n")
    assert (campaign.title, campaign.objective, campaign.priority, campaign.paused) == ("c", "new", 50, False)
    assert (campaign.once, campaign.on_unknown) == (Once.GLOBAL, OnUnknown.HOLD)
    assert (campaign.enter.again, campaign.enter.every) == (Again.NEVER, None)
    assert (campaign.exit, campaign.goal, campaign.rules, campaign.moved) == (None, None, (), {})
    pace = campaign.pace
    assert (pace.gap, pace.window, pace.if_late, pace.late_after) == (None, None, IfLate.SEND, parse_duration("1 day"))


def test_steps_are_named_after_what_they_do() -> None:
    steps = """\
    - wait: 1 day
    - send: a
    - wait: 1 day
    - wait: 2 days
    - wait_for: vip
      within: 1 day
      then:
        - wait: 1 day
        - send: b
      else:
        - set: {vip: true}
        - wait: 1 day
    - stream: [c, d]
      every: 1 day
    - branch:
        - {if: vip, then: [{wait: 1 day}]}
        - {if: vip, then: [{wait: 1 day}]}
        - else: [{wait: 1 day}]
    - split: {name: s, arms: {x: {weight: 1, then: [{goto: a}]}, y: {weight: 1, then: [{exit: done}]}}}
"""
    assert ids(steps) == [
        "wait-first",
        "a",
        "wait-after-a",
        "wait-after-a~2",
        "wait_for-after-a",
        "wait-after-wait_for-after-a.then",
        "b",
        "set-after-wait_for-after-a.else",
        "wait-after-wait_for-after-a.else",
        "stream-c",
        "branch-after-stream-c",
        "wait-after-branch-after-stream-c.1",
        "wait-after-branch-after-stream-c.2",
        "wait-after-branch-after-stream-c.else",
        "s",
        "goto-after-s.x",
        "exit-after-s.y",
    ]


def test_equal_names_are_numbered_in_file_order() -> None:
    steps = "    - send: a\n    - wait: 1 day\n    - send: a\n    - wait: 1 day\n    - send: b\n    - send: a\n"
    assert ids(steps) == ["a", "wait-after-a", "a~2", "wait-after-a~2", "b", "a~3"]


def test_an_id_of_its_own_goes_before_a_name_that_is_made() -> None:
    assert ids("    - send: a\n    - send: b\n      id: a\n    - wait: 1 day\n") == ["a~2", "a", "wait-after-a"]


def test_a_step_with_an_id_keeps_it_wherever_it_is_moved() -> None:
    before = ids("    - send: a\n    - {wait: 1 day, id: rest}\n    - send: b\n")
    after = ids(
        "    - send: b\n    - branch: [{if: vip, then: [{wait: 2 days, id: rest}]}, {else: []}]\n    - send: a\n"
    )
    assert "rest" in before
    assert "rest" in after


def test_a_wait_keeps_its_name_when_something_without_a_name_is_put_before_it() -> None:
    before = ids("    - send: a\n    - wait: 1 day\n    - send: b\n")
    after = ids("    - send: a\n    - set: {tag: x}\n    - wait: 1 day\n    - send: b\n")
    assert set(before) < set(after)


def test_a_label_of_the_own_stage_is_meant_before_that_of_another() -> None:
    campaign = parsed(HEAD + "stages:\n  awareness: [{send: a}]\n  decision: [{send: a}, {wait: 1 day}, {goto: a}]\n")
    goto = campaign.sequences[1].steps[-1]
    assert isinstance(goto, Goto)
    assert goto.target == "decision/a"


def test_a_campaign_with_any_mistake_is_none() -> None:
    campaign, found = parse_campaign(WHOLE.replace("vip", "vipp").encode(), "campaigns/c.yml", names())
    assert campaign is None
    assert {one.rule for one in found} == {"unknown-field"}


def test_a_campaign_that_needs_what_could_not_be_read_is_none_without_a_finding() -> None:
    broken = parse_config(CONFIG.replace("vip: boolean", "vip: bool").encode(), "nurture.yml", ASSETS)
    assert broken.config is None
    assert parse_campaign(
        (HEAD + "stages: {any: []}\nexit: {when: vip}\n").encode(), "campaigns/c.yml", broken.names
    ) == (None, ())
    campaign, found = parse_campaign((HEAD + "stages: {any: []}\n").encode(), "campaigns/c.yml", broken.names)
    assert campaign is not None
    assert not found


def test_findings_come_in_the_order_of_the_file() -> None:
    text = "stages: {nope: []}\nenter: {when: x}\ncampaign: d\n"
    _, found = parse_campaign(text.encode(), "campaigns/c.yml", names())
    assert [one.order for one in found] == sorted(one.order for one in found)
    assert {one.rule for one in found} == {"unknown-stage", "unknown-field", "missing-key", "name-differs"}


def test_a_thousand_steps_are_read() -> None:
    text = HEAD + "stages:\n  awareness:\n" + "    - send: a\n    - wait: 1 day\n" * 500
    assert len(parsed(text).sequences[0].steps) == 1_000


def test_more_steps_than_that_are_refused_wherever_they_stand() -> None:
    arm = "          then:\n" + "            - send: a\n" * 501
    ways = f"        - if: vip\n{arm}        - if: not vip\n{arm}        - else: []\n"
    text = HEAD + f"stages:\n  any:\n    - branch:\n{ways}"
    _, found = parse_campaign(text.encode(), "campaigns/c.yml", names())
    assert [(one.rule, one.message) for one in found] == [
        ("too-large", "This campaign has 1,003 steps; the limit is 1,000.")
    ]


def test_a_branch_of_more_ways_than_anybody_reads_is_refused() -> None:
    arms = "        - {if: vip, then: []}\n" * 100
    text = HEAD + f"stages:\n  any:\n    - branch:\n{arms}        - else: []\n"
    _, found = parse_campaign(text.encode(), "campaigns/c.yml", names())
    assert [(one.rule, one.span.line) for one in found] == [("too-large", 6)]


def test_a_hundred_thousand_steps_are_refused() -> None:
    text = HEAD + "stages:\n  any:\n" + "  - exit: x\n" * 70_000
    began = time.process_time()
    _, found = parse_campaign(text.encode(), "campaigns/c.yml", names())
    assert [one.rule for one in found] == ["too-large"]
    assert time.process_time() - began < 4


def test_hundreds_of_mistakes_are_all_told_in_good_time() -> None:
    text = HEAD + "stages:\n  any:\n" + "".join(f"  - send: asset-{n}\n" for n in range(900))
    began = time.process_time()
    _, found = parse_campaign(text.encode(), "campaigns/c.yml", names())
    assert len(found) == 900
    assert time.process_time() - began < 4


LINES = st.lists(st.sampled_from(WHOLE.splitlines()), max_size=30).map("\n".join)


@st.composite
def mangled(draw: st.DrawFn) -> str:
    """The whole campaign with a few letters changed, so that most of it still makes sense."""
    text = list(WHOLE)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text) - 1))
        text[at] = draw(
            st.sampled_from(["", " ", "\n", ":", "- ", "[", "]", "{", "}", '"', "'", "x", "3", "&", "*", "!", "|", "#"])
        )
    return "".join(text)


@settings(max_examples=examples(250), deadline=None)
@given(mangled() | LINES)
def test_a_mangled_campaign_is_read_whole_or_explained(text: str) -> None:
    campaign, found = parse_campaign(text.encode(), "campaigns/c.yml", names())
    assert (campaign is None) == bool(found)
    lines = text.split("\n")
    for one in found:
        assert one.span.file == "campaigns/c.yml"
        assert 1 <= one.span.line <= len(lines)
    if campaign is not None:
        build_graph(campaign)


def test_a_handoff_is_a_step_whose_label_tells_where_it_stands() -> None:
    steps = "    - send: a\n    - handoff: sales\n    - handoff: sales\n      id: to-sales\n    - handoff: sales\n"

    assert ids(steps) == ["a", "handoff-after-a", "to-sales", "handoff-after-to-sales"]


def test_what_becomes_of_a_campaign_at_a_reply_and_at_a_hand_off_is_read() -> None:
    text = f"{HEAD}stages: {{any: [{{send: a}}]}}\n"

    assert (parsed(text).with_sales, parsed(text).on_reply) == (False, OnReply.GO_ON)
    told = parsed(f"{text}with_sales: true\non_reply: stop\n")
    assert (told.with_sales, told.on_reply) == (True, OnReply.STOP)
