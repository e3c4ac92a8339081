"""The tree of a condition: a closed union of frozen nodes, made by `condition.py`, compiled by `planner/compile.py`.

Every truth in this language is yes or no, never unknown. A missing value equals nothing but `None`, is ordered
against nothing (`<`, `<=`, `>`, `>=` are all no) and is in no list; so `x != "a"` is yes for a missing x.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nurture_cli.text.diagnostic import Span


class Type(StrEnum):
    """The type of a value in a condition; a date is text `YYYY-MM-DD`."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; dates are kept as ISO text."""

    value: str | int | float | bool
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Field:
    """A fact of the contact: a typed core field (`core`), or one declared under `fields:` in nurture.yml."""

    name: str
    type: Type
    core: bool
    span: Span


@dataclass(frozen=True, slots=True)
class DaysSince:
    """Whole days (24 h each) since the newest event of `kind` (and `asset`); missing if there is none."""

    kind: str
    asset: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class DaysUntil:
    """Whole calendar days, in UTC, from today to the contact's date field; negative when past; missing if unset."""

    field: Field
    span: Span


@dataclass(frozen=True, slots=True)
class Touches:
    """How many touches were sent to the contact, over all campaigns, in the last `within` seconds (None: ever)."""

    within: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class Measure:
    """A fact that is worked out of what is known and what happened; the names are those of `measures.MEASURES`."""

    name: str
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Responses:
    """How many responses of the contact count, in the last `within` seconds (None: ever).

    A response is an event whose kind has points of interest; with `stage`, only those about assets written for it.
    """

    within: int | None
    stage: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class CompanyPeople:
    """How many people of the contact's company, the contact too, responded in the last `within` seconds.

    Without a company it is the contact alone.
    """

    within: int | None
    span: Span


Operand = Literal | Field | DaysSince | DaysUntil | Touches | Measure | Responses | CompanyPeople


@dataclass(frozen=True, slots=True)
class Compare:
    """`left op right`; `op` is one of == != < <= > >=; both sides have one type."""

    op: str
    left: Operand
    right: Operand
    span: Span


@dataclass(frozen=True, slots=True)
class Among:
    """`left in [choices]`."""

    left: Operand
    choices: tuple[Literal, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Contains:
    """`"needle" in field`: the text field contains the needle, letter for letter."""

    needle: str
    field: Field
    span: Span


@dataclass(frozen=True, slots=True)
class Missing:
    """`operand is None`."""

    operand: Operand
    span: Span


@dataclass(frozen=True, slots=True)
class Truth:
    """A boolean field standing alone; a missing one is no."""

    field: Field
    span: Span


@dataclass(frozen=True, slots=True)
class Constant:
    """`True` or `False` standing alone."""

    value: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Did:
    """At least `times` events of `kind` (about `asset`), in the last `within` seconds, not before instant `since`.

    Events that were judged a machine's do not count, nor do events later than the instant of the question.
    `clicked(a)`, `opened(a)`, `replied(a)`, `requested(a)`, `downloaded(a)` and `visited(a)` are short for
    `did("clicked", a)` and so on.
    """

    kind: str
    asset: str | None
    within: int | None
    times: int
    since: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class Received:
    """The asset (or a declared variant of it) was sent to the contact, in any campaign or on request."""

    asset: str
    span: Span


@dataclass(frozen=True, slots=True)
class HasTag:
    """The contact carries the tag."""

    tag: str
    span: Span


@dataclass(frozen=True, slots=True)
class InSegment:
    """The contact is in the named segment; `body` is that segment's own condition, bound."""

    name: str
    body: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Burst:
    """`times` responses or more in the last `within` seconds, and none in the `after` seconds before those.

    Somebody must have responded before the silence, or have been touched: of a new name it is never true.
    """

    times: int
    within: int
    after: int
    span: Span


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of `body`."""

    body: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class All:
    """`a and b and …`."""

    parts: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Any:
    """`a or b or …`."""

    parts: tuple[Expression, ...]
    span: Span


Expression = (
    Compare
    | Among
    | Contains
    | Missing
    | Truth
    | Constant
    | Did
    | Received
    | HasTag
    | InSegment
    | Burst
    | Not
    | All
    | Any
)


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed and bound condition with its own text."""

    text: str
    body: Expression
    span: Span
