"""A contact in the funnel: stage, scores, and what a plan does with the contact now: one verdict, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nurture_cli.campaign.funnel import Funnel
from nurture_cli.planner.criteria import Criterion, ahead, criteria_of, in_words, lacking, way_to
from nurture_cli.planner.fading import COLD, interest_of
from nurture_cli.planner.plan import Plan
from nurture_cli.reasons import FunnelVerdict
from nurture_cli.records import Value
from nurture_cli.report.leads import due_by
from nurture_cli.report.readiness import FitPart, grade
from nurture_cli.store.sales import State, handoffs_of
from nurture_cli.timing import format_instant


@dataclass(frozen=True, slots=True)
class Asked:
    """What one stage needs of the contact."""

    stage: str
    gate: bool
    criteria: tuple[Criterion, ...]

    @property
    def met(self) -> bool:
        """Whether everything is met."""
        return all(one.met for one in self.criteria)


@dataclass(frozen=True, slots=True)
class WithSales:
    """The hand-off in force; `state` is `now` for one that the next run makes."""

    state: str
    at: int
    cause: str
    due_by: int | None  # for the answer of Sales


@dataclass(frozen=True, slots=True)
class AtRest:
    """What follows after Sales returned the contact: a rest, then a campaign ('': any that lets them in)."""

    reason: str
    at: int
    rest_until: int
    campaign: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """A signal of the radar about the contact: noticed by this plan, or lately enough not to be noticed again."""

    signal: str
    at: int
    facts: Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Course:
    """The one verdict, and everything that it rests on."""

    verdict: FunnelVerdict
    why: str
    stage: str  # before this plan
    to: str | None  # the stage that it moves to, if it does
    furthest_stage: str
    owner: str | None
    fit: int
    fit_why: tuple[FitPart, ...]
    interest: int
    responses: int
    grade: str
    version: str
    with_sales: WithSales | None
    at_rest: AtRest | None
    asked: tuple[Asked, ...]
    noticed: tuple[Noticed, ...]


def course_of(plan: Plan, contact_id: int, zone: str) -> Course:
    """What a plan that looked at this contact does with them; instants in sentences are in `zone`."""
    return _Telling(plan, contact_id, zone).course()


class _Telling:
    def __init__(self, plan: Plan, contact_id: int, zone: str) -> None:
        self.plan, self.db, self.id, self.zone = plan, plan.db, contact_id, zone
        self.funnel: Funnel = plan.world.config.funnel

    def course(self) -> Course:
        stage, furthest = self.db.execute(
            "SELECT stage, coalesce(nullif(furthest_stage, ''), stage) FROM main.contact WHERE id = ?", (self.id,)
        ).fetchone()
        moved = self.db.execute(
            "SELECT new, cause FROM temp.stage_change WHERE cid = ? ORDER BY n", (self.id,)
        ).fetchall()
        to = moved[-1][0] if moved else None
        with_sales, at_rest = self._with_sales(), self._at_rest()
        asked = tuple(self._asked(stage, to))
        if with_sales is not None and (with_sales.state == "now" or not moved):
            verdict, why = FunnelVerdict.HANDED_OFF, self._handed_off(with_sales, to)
        elif moved:
            causes = dict.fromkeys("the criteria" if cause == "criteria" else cause for _, cause in moved)
            verdict, why = FunnelVerdict.FORWARD, f"to {to}, by {' and '.join(causes)}"
        elif at_rest is not None:
            verdict, why = FunnelVerdict.RECYCLED, self._recycled(at_rest)
        else:
            verdict, why = FunnelVerdict.STAYS, self._stays(stage, asked)
        fit, fit_why, heat, responses = self.db.execute(
            "SELECT fit, fit_why, heat, responses FROM temp.present WHERE contact_id = ?", (self.id,)
        ).fetchone() or (0, "[]", COLD, 0)
        interest = interest_of(heat, self.plan.at, self.funnel.interest.half_life)
        here = self.funnel.by_name.get(stage)
        return Course(
            verdict,
            why,
            stage,
            to,
            furthest,
            str(here.owner) if here and here.owner else None,
            fit,
            tuple(FitPart(part["points"], part["for"]) for part in json.loads(fit_why)),
            interest,
            responses,
            grade(self.funnel, fit, interest),
            self.funnel.version,
            with_sales,
            at_rest,
            asked,
            tuple(self._noticed()),
        )

    def _with_sales(self) -> WithSales | None:
        handing = self.db.execute("SELECT cause FROM temp.handing WHERE cid = ?", (self.id,)).fetchone()
        if handing is not None:
            return WithSales("now", self.plan.at, handing[0], None)
        config = self.plan.world.config
        for one in reversed(handoffs_of(self.db, self.id)):
            if one.closed_at is None:
                return WithSales(str(one.state), one.at, one.cause, due_by(one, config))
        return None

    def _at_rest(self) -> AtRest | None:
        row = self.db.execute(
            "SELECT reason, at, rest_until, campaign FROM main.recycling WHERE contact_id = ? AND closed_at IS NULL"
            " AND id NOT IN (SELECT recycling_id FROM temp.comeback)",
            (self.id,),
        ).fetchone()
        return None if row is None else AtRest(*row)

    def _asked(self, stage: str, to: str | None) -> Iterator[Asked]:
        """The stage that the contact moves to, with the gates before it; else the next one, or more behind a gate."""
        judged = self.db.execute("SELECT target FROM temp.forward WHERE cid = ?", (self.id,)).fetchone()
        if judged is not None:
            stages = list(way_to(self.funnel, stage, judged[0]))
        elif to is not None:
            stages = [one for one in self.funnel.stages if one.name == to and one.criteria is not None]
        else:
            stages = list(ahead(self.funnel, stage))
        for one in stages:
            criteria = criteria_of(self.db, one, self.funnel, self.plan.world.scope, [self.id], self.plan.at)
            yield Asked(one.name, one.is_gate, criteria[self.id])

    def _noticed(self) -> Iterator[Noticed]:
        told = "SELECT signal, ?, facts FROM temp.alert WHERE cid = ? ORDER BY signal"
        for signal, at, facts in self.db.execute(told, (self.plan.at, self.id)).fetchall():
            yield Noticed(signal, at, json.loads(facts))
        for signal in self.funnel.radar:
            rows = self.db.execute(
                "SELECT at, facts FROM main.alert WHERE contact_id = ? AND signal = ? AND at > ? ORDER BY at DESC",
                (self.id, signal.name, self.plan.at - signal.quiet),
            )
            for at, facts in rows:
                yield Noticed(signal.name, at, json.loads(facts))

    def _handed_off(self, sales: WithSales, to: str | None) -> str:
        if sales.state == "now":
            return "to Sales, in the next run" + (f", as they move to {to}" if to else f" ({sales.cause})")
        due = "" if sales.due_by is None else f", an answer is due by {self._time(sales.due_by)}"
        state = "not answered yet" if sales.state == State.OPEN else sales.state
        return f"with Sales since {self._time(sales.at)} ({sales.cause}): {state}{due}"

    def _recycled(self, rest: AtRest) -> str:
        then = f"enters {rest.campaign}" if rest.campaign else "enters whichever campaign lets them in"
        return (
            f"returned by Sales on {self._time(rest.at)} for {rest.reason}, rests until {self._time(rest.rest_until)},"
            f" then {then}"
        )

    def _stays(self, stage: str, asked: tuple[Asked, ...]) -> str:
        back = self.db.execute(
            "SELECT k.name FROM temp.comeback back LEFT JOIN temp.campaign k ON k.campaign_id = back.campaign_id"
            " WHERE back.cid = ? AND back.why = 'rested'",
            (self.id,),
        ).fetchone()
        rested = ""
        if back is not None:
            rested = f"the rest is over, and they enter {back[0]}; " if back[0] else "the rest is over; "
        if not asked:
            later = self.funnel.stages[self.funnel.rank(stage) + 1 :]
            nothing = "no later stage has criteria" if later else "it is the last stage"
            return f"in {stage}; {rested}{nothing}"
        following = asked[0]
        missing = lacking(following.criteria)
        if not missing:
            return f"in {stage}; {rested}they meet the criteria of {following.stage}; the next run looks again"
        written = sum(not one.implied for one in following.criteria)
        aim = "the next stage" if following.stage == stage else following.stage  # a gate is not for staying
        return f"in {stage}; {rested}for {aim} they still need {in_words(missing, written)}"

    def _time(self, at: int) -> str:
        return format_instant(at, self.zone)
