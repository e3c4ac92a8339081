"""Where a contact is in each campaign: what they do there, why, and when they move on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from nurture_cli.campaign.model import ANY_STAGE, Campaign, Stream, WaitFor
from nurture_cli.explain.barred import NOTHING, Barred, carries_on
from nurture_cli.explain.holds import reason_of_hold
from nurture_cli.explain.story import SeenFacts
from nurture_cli.language.expression import Condition
from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.compile import Scope, compile_condition, facts_sql
from nurture_cli.planner.funnel import barriers
from nurture_cli.planner.plan import Plan
from nurture_cli.planner.steps import wait_scope
from nurture_cli.planner.tokens import ENDED, EXHAUSTED, RESTS, WAITS
from nurture_cli.reasons import End


@dataclass(frozen=True, slots=True)
class Question:
    """A condition that was asked about the contact: its text, its answer, and the facts it rests on."""

    name: str  # enter, exit, goal, wait_for, until
    text: str
    answer: bool
    facts: SeenFacts


class CampaignState(StrEnum):
    """What a contact does in a campaign."""

    DUE = "due"
    HELD = "held"
    WAITING = "waiting"
    MOVING = "moving"
    RESTING = "resting"
    EXHAUSTED = "exhausted"
    ENDED = "ended"
    NOT_ENTERED = "not-entered"

    @property
    def inside(self) -> bool:
        """Whether the contact is in it."""
        return self not in (CampaignState.ENDED, CampaignState.NOT_ENTERED)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where the contact is in one campaign.

    `next_at` is when a run looks again; `frees` says in words when the contact moves on.
    """

    campaign: str
    title: str
    state: CampaignState
    why: str
    frees: str
    pass_number: int | None = None
    entered_at: int | None = None
    sequence: str | None = None
    step: str | None = None
    asset: str | None = None
    reason: str | None = None  # of the closed list `Hold`, when held
    next_at: int | None = None
    questions: tuple[Question, ...] = ()


# Ends that are in no campaign file.
BY_THE_FUNNEL: Mapping[str, str] = {
    End.HANDOFF: "handed to Sales: nurturing stops",
    End.RECYCLED: "returned by Sales: first they rest",
    End.WON: "they have bought",
    End.REPLIED: "they wrote back, and the campaign says `on_reply: stop`",
}


def whereabouts(plan: Plan, campaign_id: int, contact_id: int, bar: Barred | None) -> Whereabouts:
    """Where the contact is in one campaign; `bar` keeps every message from them."""
    campaign = plan.world.campaigns[campaign_id]
    row = plan.db.execute(
        "SELECT t.tid, t.pass, t.entered, t.sequence, t.node, t.last_step, t.doing, t.due, t.wake, t.asset, t.ended,"
        " q.held, q.until, q.id, o.reason, c.stage FROM temp.token t JOIN temp.contact_now c ON c.id = t.cid"
        " LEFT JOIN temp.candidate q ON q.tid = t.tid LEFT JOIN main.touch o ON o.id = q.touch"
        " WHERE t.campaign_id = ? AND t.cid = ?",
        (campaign_id, contact_id),
    ).fetchone()
    if row is None:
        return _outside(plan, campaign, contact_id)
    tid, number, entered, sequence, node, last, doing, due, wake, asset, ended, held, until, wanting, because, stage = (
        row
    )
    step = None if node is None else plan.world.nodes[node][1].step
    state, why, frees, next_at = CampaignState.MOVING, "", "", wake
    questions: tuple[Question, ...] = ()
    if doing == ENDED:
        state, why, next_at = CampaignState.ENDED, f"leaves now: {_left(ended)}", None
        frees = "never, unless they enter again"
    elif doing == RESTS:
        stages = ", ".join(s.stage for s in campaign.sequences if s.stage != ANY_STAGE)
        state, why = CampaignState.RESTING, f"there are no steps for stage {stage}"
        frees = f"when their stage is one of: {stages}"
    elif doing == EXHAUSTED:
        state, why, frees = (
            CampaignState.EXHAUSTED,
            "has received everything here",
            "when steps or stream items are added to the file",
        )
    elif wanting is not None and held is not None:
        reason = reason_of_hold(plan.db, contact_id, held, because)
        state, why, frees, next_at = CampaignState.HELD, f"due, but held: {reason.why}", reason.frees, until
    elif wanting is not None:
        state, why, frees, next_at = CampaignState.DUE, "nothing holds it back", "with the next run", plan.at
    elif doing == WAITS and isinstance(step, WaitFor):
        question = _ask(plan, contact_id, "wait_for", step.condition, wait_scope(step, plan.world.scope), tid)
        questions = (question,)
        timed = ", or the time is up" if due is not None else ""
        state, frees, next_at = CampaignState.WAITING, f"when {step.condition.text} holds{timed}", due
        why = "waits for something to happen" + ("" if due is not None else ", with no time limit")
    elif doing == WAITS:
        state, why, frees, next_at = CampaignState.WAITING, "the wait is not over", "when the wait is over", due
        if isinstance(step, Stream) and step.until is not None:
            questions = (_ask(plan, contact_id, "until", step.until, plan.world.scope, tid),)
    if bar is not None and state is CampaignState.WAITING and not _carries_on(plan, campaign_id, node):
        why, frees, next_at = f"{why}; {NOTHING}", bar.frees, None
    step_id = last if node is None or step is None else step.id
    return Whereabouts(
        campaign.name, campaign.title, state, why, frees, number, entered, sequence, step_id, asset, held, next_at,
        (*questions, *_ways_out(plan, campaign, contact_id, tid)),
    )  # fmt: skip


def _carries_on(plan: Plan, campaign_id: int, node: int | None) -> bool:
    """Whether the contact still comes to a task or the like before the next message to them."""
    if node is None:
        return False
    world = plan.world
    return carries_on(world.graphs[campaign_id], world.nodes[node][1].index, world.assets, world.config)


def _ways_out(plan: Plan, campaign: Campaign, contact_id: int, tid: int) -> Iterator[Question]:
    if campaign.exit is not None:
        yield _ask(plan, contact_id, "exit", campaign.exit, plan.world.scope, tid)
    if campaign.goal is not None:
        yield _ask(plan, contact_id, "goal", campaign.goal.condition, plan.world.scope, tid)


def _outside(plan: Plan, campaign: Campaign, contact_id: int) -> Whereabouts:
    before = plan.db.execute(
        "SELECT pass, entered_at, ended_at, end_reason, step FROM main.enrollment"
        " WHERE contact_id = ? AND campaign = ? ORDER BY pass DESC LIMIT 1",
        (contact_id, campaign.name),
    ).fetchone()
    enter = _ask(plan, contact_id, "enter", campaign.enter.condition, plan.world.scope, None)
    questions = (enter, *_ways_out(plan, campaign, contact_id, 0))
    bar = _bar(plan, campaign, contact_id)
    if before is not None:
        number, entered, _, end_reason, step = before
        why, frees = f"left: {_left(end_reason)}", f"again, if `again: {campaign.enter.again}` allows it"
        if bar is not None:
            why, frees = f"{why}; {bar[0]}", bar[1]
        return Whereabouts(
            campaign.name,
            campaign.title,
            CampaignState.ENDED,
            why,
            frees,
            number,
            entered,
            None,
            step,
            questions=questions,
        )
    passed = plan.db.execute(
        "SELECT EXISTS (SELECT 1 FROM main.passed_over WHERE campaign = ? AND contact_id = ?)"
        " OR EXISTS (SELECT 1 FROM temp.passing p JOIN temp.campaign k ON k.campaign_id = p.campaign_id"
        " WHERE k.name = ? AND p.cid = ?)",
        (campaign.name, contact_id, campaign.name, contact_id),
    ).fetchone()[0]
    barred = [question.name for question in questions[1:] if question.answer]
    if bar is not None:
        why, frees = bar
    elif passed:
        why, frees = "matched before the campaign's first run (`backfill: false`)", "when a new event makes it match"
    elif enter.answer and barred:
        why, frees = (
            f"matches, but the {' and '.join(barred)} condition already holds",
            f"when `{barred[0]}` no longer holds",
        )
    elif enter.answer:
        why, frees = "matches; the next run looks at them", "with the next run"
    else:
        why, frees = "does not match the entry condition", f"when {campaign.enter.condition.text} holds"
    return Whereabouts(campaign.name, campaign.title, CampaignState.NOT_ENTERED, why, frees, questions=questions)


def _left(end: str) -> str:
    meant = BY_THE_FUNNEL.get(end)
    return end if meant is None else f"{end} ({meant})"


BARS = {
    End.RECYCLED: (
        "at rest after Sales returned them: they enter no campaign",
        "when the rest ends, or they respond",
    ),
    End.HANDOFF: (
        "with Sales: they enter only campaigns with `with_sales: true`",
        "when Sales closes the hand-off",
    ),
    End.WON: (
        "has bought: they do not enter campaigns with `objective: new`",
        "never, unless the campaign gets another objective",
    ),
}


def _bar(plan: Plan, campaign: Campaign, contact_id: int) -> tuple[str, str] | None:
    """Why the funnel keeps the contact out of a campaign whatever its file says, and what would free it."""
    barring = barriers(campaign, ":id", "(SELECT c.stage FROM temp.contact_now c WHERE c.id = :id)")
    cases = " ".join(f"WHEN {holds} THEN '{end}'" for end, holds in barring)
    (end,) = plan.db.execute(f"SELECT CASE {cases} END", {"id": contact_id}).fetchone()
    return BARS.get(end)


def _ask(plan: Plan, contact_id: int, name: str, condition: Condition, scope: Scope, tid: int | None) -> Question:
    parameters = Parameters(now=plan.at, contact=contact_id, tid=tid)
    answer = compile_condition(condition.body, scope, parameters)
    facts = facts_sql((condition,), scope, parameters)
    row = plan.db.execute(
        f"SELECT {answer}, {facts} FROM temp.contact_now c LEFT JOIN temp.token t ON t.tid = :tid"
        " WHERE c.id = :contact",
        parameters,
    ).fetchone()
    return Question(name, condition.text, bool(row[0]), json.loads(row[1]))
