"""The funnel of a project: buyer stages with their criteria, scores, hand-off, recycling, radar. Frozen values.

What Marketing and Sales agreed on is in nurture.yml: `parse_funnel.py` reads it, `planner/funnel.py` applies it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from nurture_cli.language.expression import Condition
from nurture_cli.text.diagnostic import Span
from nurture_cli.timing import Duration


class StageKind(StrEnum):
    """What it means to be in a stage."""

    INVENTORY = "inventory"  # contacts may stay
    SLA = "sla"  # contacts must leave within a time
    GATE = "gate"  # nobody stays: contacts who meet the criteria go on to the next stage, no others get past


class Owner(StrEnum):
    """Who is responsible for the contacts in a stage."""

    MARKETING = "marketing"
    SALES = "sales"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class BackEdge:
    """A declared way back from a stage, for these reasons."""

    to: str
    reasons: tuple[str, ...]
    span: Span  # of its reasons


@dataclass(frozen=True, slots=True)
class Stage:
    """One buyer stage. Without `criteria`, contacts come here only by a step, a rule or a person."""

    name: str
    span: Span
    criteria: Condition | None = None
    kind: StageKind = StageKind.INVENTORY
    within: Duration | None = None  # how long contacts may stay, for kind SLA
    owner: Owner | None = None
    handoff: bool = False  # contacts who arrive here are handed to Sales
    back: tuple[BackEdge, ...] = ()

    @property
    def is_gate(self) -> bool:
        """Whether nobody stays here."""
        return self.kind is StageKind.GATE


@dataclass(frozen=True, slots=True)
class Agreement:
    """Which version of the criteria holds, since which date, and who agreed."""

    version: str
    date: str  # ISO
    agreed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FitRule:
    """Points for matching the audience, by facts of the contact alone."""

    condition: Condition
    points: int
    span: Span


@dataclass(frozen=True, slots=True)
class Interest:
    """How responses count: points by event kind, for so many of each kind a day (UTC), halved every `half_life`.

    Responses of a machine never count, nor do kinds without points, by default `opened` among them.
    """

    half_life: int  # seconds
    points: Mapping[str, int]
    per_day: Mapping[str, int]
    roles: Mapping[str, float]  # weight of a person's interest in that of the company; 1 for roles not named


@dataclass(frozen=True, slots=True)
class Grades:
    """The matrix: fit of at least the first number is A, the second B, else C; interest likewise 1, 2, 3."""

    fit: tuple[int, int]
    interest: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sales:
    """How leads go to Sales: by which channel, to whom, how soon Sales must answer, and into which stages."""

    channel: str
    to: str | None  # the address of Sales, for a channel that sends mail
    accept_within: Duration | None
    accepted: str | None  # the stage of leads that Sales accepted
    won: str | None  # the stage of contacts who bought
    span: Span


class ScorePolicy(StrEnum):
    """What happens to the interest so far when a contact is recycled."""

    KEEP = "keep"
    HALVE = "halve"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Track:
    """What follows a reason for returning a contact: a rest, then a campaign (None: whichever lets them in)."""

    reason: str
    rest: Duration | None
    then: str | None
    interest: ScorePolicy
    span: Span
    then_span: Span


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that the radar watches for in known contacts, and what follows: a stage, a task, or both."""

    name: str
    condition: Condition
    stage: str | None
    task: str | None
    quiet: int  # seconds without another alert about the same contact
    span: Span


DEFAULT_STAGES = (
    "awareness", "name", "recycled", "engaged", "target", "lead", "sales-lead", "opportunity", "customer",
)  # fmt: skip

# Graded: a click is worth more than an open (nothing by default), a reply more than a click, a request most.
DEFAULT_POINTS = {
    "visited": 2, "clicked": 5, "downloaded": 8, "registered": 8, "submitted": 8, "attended": 12, "referred": 12,
    "replied": 20, "inquired": 25, "requested": 25, "requested_demo": 40,
}  # fmt: skip
DEFAULT_PER_DAY = 2
DEFAULT_HALF_LIFE = 30 * 86400
DEFAULT_GRADES = Grades((60, 30), (50, 15))


def usual_interest() -> Interest:
    """How responses count where nurture.yml says nothing."""
    return Interest(DEFAULT_HALF_LIFE, DEFAULT_POINTS, dict.fromkeys(DEFAULT_POINTS, DEFAULT_PER_DAY), {})


@dataclass(frozen=True, slots=True)
class Funnel:
    """Everything that moves a contact from a name to a customer and back."""

    stages: tuple[Stage, ...]
    interest: Interest = field(default_factory=usual_interest)
    grades: Grades = DEFAULT_GRADES
    fit: tuple[FitRule, ...] = ()
    agreement: Agreement | None = None
    sales: Sales | None = None
    recycling: tuple[Track, ...] = ()
    radar: tuple[Signal, ...] = ()

    @property
    def by_name(self) -> Mapping[str, Stage]:
        """The stages by name."""
        return {stage.name: stage for stage in self.stages}

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every reason that a way back names, in file order."""
        return tuple(dict.fromkeys(reason for stage in self.stages for edge in stage.back for reason in edge.reasons))

    @property
    def version(self) -> str:
        """The version of the agreement, '' where there is none."""
        return self.agreement.version if self.agreement else ""

    def rank(self, stage: str) -> int:
        """The place of a stage in the order; -1 for one that is no longer in the file."""
        return next((rank for rank, one in enumerate(self.stages) if one.name == stage), -1)

    @property
    def won(self) -> int | None:
        """The place of the first stage of contacts who bought; None where the file does not say."""
        return None if self.sales is None or self.sales.won is None else self.rank(self.sales.won)

    def asked(self, target: int) -> list[tuple[int, Stage]]:
        """The stages whose criteria a move to the one at place `target` must meet: every gate before it, then itself.

        A contact who buys is a customer, whatever gates are on the way.
        """
        bought = self.won is not None and target >= self.won
        return [
            (rank, stage)
            for rank, stage in enumerate(self.stages[: target + 1])
            if stage.criteria is not None and (rank == target or (stage.is_gate and not bought))
        ]

    def hands_over(self, stage: Stage) -> bool:
        """Whether contacts who reach a stage are handed to Sales, at once or because it is a gate before a hand-off."""
        following = self.stages[self.rank(stage.name) + 1 :]
        return stage.handoff or (stage.is_gate and bool(following) and following[0].handoff)

    def way_back(self, stage: str, reason: str) -> str | None:
        """Where a contact goes from a stage for a reason; None where no way is declared."""
        edges = self.by_name[stage].back if stage in self.by_name else ()
        return next((edge.to for edge in edges if reason in edge.reasons), None)

    def track(self, reason: str) -> Track | None:
        """What follows a reason."""
        return next((track for track in self.recycling if track.reason == reason), None)
