"""A plan as it is printed: for people, tab-separated, and as JSON lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nurture_cli.cli import output
from nurture_cli.cli.reasons_view import reasons_in_words
from nurture_cli.cli.tables import Cell, Column, show
from nurture_cli.cli.times import iso, written
from nurture_cli.planner.plan import TO_SALES
from nurture_cli.planner.world import BRIEF

if TYPE_CHECKING:
    from nurture_cli.explain.nothing_due import Why
    from nurture_cli.planner.plan import Due, Handed, Held, Move, Plan
    from nurture_cli.project import Project

ON_REQUEST = "(on request)"

_DUE = (
    Column("email", "Contact"), Column("asset", "Asset"), Column("campaign", "Campaign"),
    Column("step", "Step", spare=True), Column("due", "Due since", spare=True),
)  # fmt: skip
_HELD = (
    Column("email", "Contact"), Column("asset", "Asset"), Column("campaign", "Campaign"), Column("reason", "Reason"),
    Column("until", "Until"),
)  # fmt: skip
_ALL = (
    Column("state", ""), Column("email", ""), Column("stage", ""), Column("campaign", ""), Column("step", ""),
    Column("asset", ""), Column("channel", ""), Column("reason", ""), Column("due", ""), Column("until", ""),
)  # fmt: skip


class PlanView:
    """A plan, or the part of it that concerns one campaign; times are in the project's zone."""

    def __init__(self, plan: Plan, project: Project, campaign: str | None, facts_at: int) -> None:
        self._plan = plan
        self._project = project
        self._campaign = campaign
        self._facts_at = facts_at  # the instant at which contacts are as the plan sees them
        self._zone = plan.world.zone
        self.counts = _whole(plan) if campaign is None else _part(self)
        self.why = () if self.counts["due"] or self.counts["held"] else _why(plan, campaign)

    @property
    def due_count(self) -> int:
        """How many touches are due."""
        count: int = self.counts["due"]
        return count

    def due(self) -> Iterator[Due]:
        """What is due."""
        return (due for due in self._plan.due() if self._campaign in (None, due.campaign))

    def held(self) -> Iterator[Held]:
        """What is held back."""
        return (held for held in self._plan.held() if self._campaign in (None, held.campaign))

    def _moves(self) -> Iterator[Move]:
        return self._plan.moves() if self._campaign is None else iter(())

    def _handed(self) -> Iterator[Handed]:
        return self._plan.handed() if self._campaign is None else iter(())

    def records(self) -> Iterator[Mapping[str, Any]]:
        """The counts, moves to other stages, hand-offs, then everything due, then everything held."""
        zone = self._zone
        yield {
            "type": "plan",
            "project": self._project.config.name if self._project.config else None,
            "at": iso(self._plan.at, zone),
            "facts_at": iso(self._facts_at, zone),
            "campaign": self._campaign,
            **self.counts,
            "why": [
                {"reason": one.reason, "count": one.count, "sentence": one.sentence, "next": one.next or None}
                for one in self.why
            ],
        }
        for move in self._moves():
            yield {
                "type": "move", "email": move.email, "contact": move.contact_id, "from": move.before,
                "to": move.stage, "cause": move.cause,
            }  # fmt: skip
        for lead in self._handed():
            yield {
                "type": "handoff", "email": lead.email, "contact": lead.contact_id, "stage": lead.stage,
                "cause": lead.cause,
            }  # fmt: skip
        for due in self.due():
            yield {
                "type": "due", "key": due.key, "email": due.email, "contact": due.contact_id, "stage": due.stage,
                "campaign": due.campaign or None, "step": due.step or None, "asset": due.asset,
                "channel": due.channel, "reason": due.reason, "due_at": iso(due.due_at, zone),
            }  # fmt: skip
        for held in self.held():
            yield {
                "type": "held", "email": held.email, "contact": held.contact_id, "stage": held.stage,
                "campaign": held.campaign or None, "step": held.step or None, "asset": held.asset or None,
                "reason": held.reason, "since": iso(held.since, zone), "until": iso(held.until, zone),
            }  # fmt: skip

    def for_programs(self) -> None:
        """Everything, tab-separated; the sum of it goes to standard error."""
        show(_ALL, self._rows())
        output.talk(self._sentence())
        for line in reasons_in_words(self.why):
            output.talk(line)

    def _rows(self) -> Iterator[tuple[Cell, ...]]:
        zone = self._zone
        for move in self._moves():
            yield ("move", move.email, move.stage, "", "", "", "", f"from {move.before}: {move.cause}", "", "")
        for lead in self._handed():
            yield ("handoff", lead.email, lead.stage, "", "", "", "", lead.cause, "", "")
        for due in self.due():
            yield (
                "due", due.email, due.stage, due.campaign, due.step, due.asset, due.channel, due.reason,
                written(due.due_at, zone), "",
            )  # fmt: skip
        for held in self.held():
            yield (
                "held", held.email, held.stage, held.campaign, held.step, held.asset, "", held.reason,
                written(held.since, zone), written(held.until, zone),
            )  # fmt: skip

    def for_people(self) -> None:
        """The sums, then the head of the two lists."""
        zone = self._zone
        output.prose(self._sentence())
        for line in reasons_in_words(self.why):
            output.prose(line)
        for title, name in _NUMBERS:
            if self.counts.get(name):
                output.prose(f"  {title}: {self.counts[name]:,}")
        for title, name in _SUMS:
            if self.counts.get(name):
                parts = (f"{part or ON_REQUEST} {count:,}" for part, count in self.counts[name].items())
                output.prose(f"  {title}: {', '.join(parts)}")
        if self.counts["due"]:
            output.data("\nDue")
            rows = (
                (due.email, due.asset, due.campaign or _outside(due), due.step, written(due.due_at, zone))
                for due in self.due()
            )
            show(_DUE, rows, total=self.counts["due"], people=True)
        if self.counts["held"]:
            output.data("\nHeld back")
            held_rows = (
                (held.email, held.asset, held.campaign or ON_REQUEST, held.reason, written(held.until, zone))
                for held in self.held()
            )
            show(_HELD, held_rows, total=self.counts["held"], people=True)

    def _sentence(self) -> str:
        of = f" of {self._campaign}" if self._campaign else ""
        return (
            f"{self.counts['due']:,} due and {self.counts['held']:,} held back{of} at "
            f"{written(self._plan.at, self._zone)}{self._beside()}."
        )

    def _beside(self) -> str:
        """What happens besides touches, for the sentence."""
        moving, handed = sum(self.counts.get("moving", {}).values()), self.counts.get("handed", 0)
        parts = [f"; {moving:,} to move to another stage"] if moving else []
        return "".join([*parts, *([f"; {handed:,} to be handed to Sales"] if handed else [])])


_SUMS = (
    ("due by campaign", "due_by_campaign"),
    ("due by asset", "due_by_asset"),
    ("due by stage", "due_by_stage"),
    ("held by reason", "held_by_reason"),
    ("entering", "entering_by_campaign"),
    ("passed over (they matched before the first run)", "passed_over"),
    ("stranded (their step is gone from the file)", "stranded"),
    ("moving to stage", "moving"),
    ("noticed by the radar", "signals"),
)
_NUMBERS = (("handed to Sales", "handed"), ("back from a rest", "returning"))


def _why(plan: Plan, campaign: str | None) -> tuple[Why, ...]:
    from nurture_cli.explain.nothing_due import why_nothing_is_due

    return why_nothing_is_due(plan, campaign)


def _outside(due: Due) -> str:
    return TO_SALES if due.asset == BRIEF else ON_REQUEST


def _whole(plan: Plan) -> dict[str, Any]:
    counts = plan.counts
    return {
        "due": counts.due,
        "held": counts.held,
        "entering": counts.entering,
        "ending": counts.ending,
        **{name: getattr(counts, name) for _, name in (*_SUMS, *_NUMBERS)},
    }


def _part(view: PlanView) -> dict[str, Any]:
    """The counts of one campaign, made from its rows."""
    campaign = view._campaign
    assets, stages, reasons = Counter[str](), Counter[str](), Counter[str]()
    for due in view.due():
        assets[due.asset] += 1
        stages[due.stage] += 1
    for held in view.held():
        reasons[held.reason] += 1
    counts = view._plan.counts
    of_all = {name: _only(getattr(counts, name), campaign) for name in ("entering_by_campaign", "passed_over")}
    return {
        "due": assets.total(),
        "held": reasons.total(),
        "due_by_campaign": {},
        "due_by_asset": dict(assets.most_common()),
        "due_by_stage": dict(stages),
        "held_by_reason": dict(sorted(reasons.items())),
        **of_all,
        "entering": sum(of_all["entering_by_campaign"].values()),
        "stranded": {place: n for place, n in counts.stranded.items() if place.startswith(f"{campaign}: ")},
    }


def _only(counts: Mapping[str, int], name: str | None) -> dict[str, int]:
    return {name: counts[name]} if name is not None and name in counts else {}
