"""The tree of a condition: a closed union of frozen nodes, made by `condition.py`, compiled by `planner/compile.py`.

Every truth in this language is yes or no, never unknown. A missing value equals nothing but `None`, is ordered
against nothing (`<`, `<=`, `>`, `>=` are all no) and is in no list; so `x != "a"` is yes for a missing x.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from nurture_cli.text.diagnostic import Span


class Type(StrEnum):
    """The type of a value in a condition; a date is text `YYYY-MM-DD`."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"


class MeasureName(StrEnum):
    """A fact that nurture works out, not stored with a contact: each declared once, with type, words and an example.

    `fades`: it rests on interest, which responses raise and time takes away. `of_company`: what others of the same
    company do counts, too.
    """

    FIT = "fit", Type.NUMBER, "How well the contact matches the audience: the points of `fit:`.", "fit >= 40"
    INTEREST = (
        "interest",
        Type.NUMBER,
        "How much interest the contact shows now: the points of its responses, halved every half-life, rounded.",
        "interest >= 25",
        True,
    )
    GRADE = "grade", Type.TEXT, "Fit and interest in the matrix of `grades:`: A1 to C3.", 'grade in ["A1", "B1"]', True
    FURTHEST_STAGE = (
        "furthest_stage",
        Type.TEXT,
        "The furthest stage the contact was ever in.",
        'furthest_stage == "opportunity"',
    )
    COMPANY_INTEREST = (
        "company_interest",
        Type.NUMBER,
        "The interest of all people of the contact's company, weighted by role.",
        "company_interest >= 80",
        True,
        True,
    )

    gives: Type
    sentence: str
    example: str
    fades: bool
    of_company: bool

    def __new__(
        cls, name: str, gives: Type, sentence: str, example: str, fades: bool = False, of_company: bool = False
    ) -> MeasureName:
        """A text with everything that is declared about it."""
        self = str.__new__(cls, name)
        self._value_ = name
        self.gives, self.sentence, self.example = gives, sentence, example
        self.fades, self.of_company = fades, of_company
        return self


MEASURES: Mapping[str, MeasureName] = {name.value: name for name in MeasureName}

# Every fact says its type; whether the passing of time alone can change it (`moved_by_time`), or an event of
# the contact (`moved_by_events`); whether what somebody else of the same company is or does can (`of_company`): then
# a plan looks at contacts about whose colleagues something is new.


class Atom:
    """A condition with no other condition in it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; dates are kept as ISO text."""

    value: str | int | float | bool
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Field:
    """A fact of the contact: a typed core field (`core`), or one declared under `fields:` in nurture.yml."""

    moved_by_time: ClassVar = False
    moved_by_events: ClassVar = False
    of_company: ClassVar = False

    name: str
    type: Type
    core: bool
    span: Span


@dataclass(frozen=True, slots=True)
class DaysSince:
    """Whole days (24 h each) since the newest event of `kind` (and `asset`); missing if there is none."""

    type: ClassVar = Type.NUMBER
    moved_by_time: ClassVar = True
    moved_by_events: ClassVar = True
    of_company: ClassVar = False

    kind: str
    asset: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class DaysUntil:
    """Whole calendar days, in UTC, from today to the contact's date field; negative when past; missing if unset."""

    type: ClassVar = Type.NUMBER
    moved_by_time: ClassVar = True
    moved_by_events: ClassVar = False
    of_company: ClassVar = False

    field: Field
    span: Span


@dataclass(frozen=True, slots=True)
class Touches:
    """How many touches were sent to the contact, over all campaigns, in the last `within` seconds (None: ever)."""

    type: ClassVar = Type.NUMBER
    moved_by_events: ClassVar = False
    of_company: ClassVar = False

    within: int | None
    span: Span

    @property
    def moved_by_time(self) -> bool:
        """Whether it looks back only for a time: an event falls out of it."""
        return self.within is not None


@dataclass(frozen=True, slots=True)
class Measure:
    """A fact that nurture works out from what is known and what happened."""

    name: MeasureName
    span: Span

    @property
    def type(self) -> Type:
        """The type in its declaration."""
        return self.name.gives

    @property
    def moved_by_time(self) -> bool:
        """Whether interest, which fades, is in it."""
        return self.name.fades

    @property
    def moved_by_events(self) -> bool:
        """Whether interest, which responses raise, is in it."""
        return self.name.fades

    @property
    def of_company(self) -> bool:
        """Whether the interest of others is in it."""
        return self.name.of_company


@dataclass(frozen=True, slots=True)
class Responses:
    """How many responses of the contact count, in the last `within` seconds (None: ever).

    A response is an event whose kind has points of interest; with `stage`, only those about assets written for it.
    """

    type: ClassVar = Type.NUMBER
    moved_by_events: ClassVar = True
    of_company: ClassVar = False

    within: int | None
    stage: str | None
    span: Span

    @property
    def moved_by_time(self) -> bool:
        """Whether it looks back only for a time: an event falls out of it."""
        return self.within is not None


@dataclass(frozen=True, slots=True)
class CompanyPeople:
    """How many people of the contact's company, the contact too, responded in the last `within` seconds.

    Without a company it is the contact alone.
    """

    type: ClassVar = Type.NUMBER
    moved_by_events: ClassVar = True
    of_company: ClassVar = True

    within: int | None
    span: Span

    @property
    def moved_by_time(self) -> bool:
        """Whether it looks back only for a time: an event falls out of it."""
        return self.within is not None


Count = Touches | Responses | CompanyPeople  # all are whole numbers from 0
Counted = DaysSince | DaysUntil | Count  # calls whose value is a number
Subject = Field | Measure | Counted  # what is known about a contact and can be compared
Operand = Literal | Subject


Sign = typing.Literal["==", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Compare(Atom):
    """`left op right`; both sides have one type."""

    op: Sign
    left: Operand
    right: Operand
    span: Span


@dataclass(frozen=True, slots=True)
class Among(Atom):
    """`left in [choices]`."""

    left: Subject
    choices: tuple[Literal, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Contains(Atom):
    """`"needle" in field`: the text field contains the needle, letter for letter."""

    needle: str
    field: Field
    span: Span


@dataclass(frozen=True, slots=True)
class Missing(Atom):
    """`operand is None`."""

    operand: Subject
    span: Span


@dataclass(frozen=True, slots=True)
class Truth(Atom):
    """A boolean field alone; a missing one is no."""

    field: Field
    span: Span


@dataclass(frozen=True, slots=True)
class Constant(Atom):
    """`True` or `False` alone."""

    value: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Did(Atom):
    """At least `times` events of `kind` (about `asset`), in the last `within` seconds, not before instant `since`.

    Events of a machine do not count, nor do events later than the instant of the question.
    `clicked(a)`, `opened(a)`, `replied(a)`, `requested(a)`, `downloaded(a)` and `visited(a)` are short for
    `did("clicked", a)` and so on.
    """

    type: ClassVar = Type.BOOLEAN
    moved_by_events: ClassVar = True
    of_company: ClassVar = False

    kind: str
    asset: str | None
    within: int | None
    times: int
    since: int | None
    span: Span

    @property
    def moved_by_time(self) -> bool:
        """Whether it looks back only for a time: an event falls out of it."""
        return self.within is not None


@dataclass(frozen=True, slots=True)
class Received(Atom):
    """The asset (or a declared variant of it) was sent to the contact, in any campaign or on request."""

    type: ClassVar = Type.BOOLEAN
    moved_by_time: ClassVar = False
    moved_by_events: ClassVar = False
    of_company: ClassVar = False

    asset: str
    span: Span


@dataclass(frozen=True, slots=True)
class HasTag(Atom):
    """The contact carries the tag."""

    type: ClassVar = Type.BOOLEAN
    moved_by_time: ClassVar = False
    moved_by_events: ClassVar = False
    of_company: ClassVar = False

    tag: str
    span: Span


@dataclass(frozen=True, slots=True)
class InSegment:
    """The contact is in the named segment; `body` is that segment's own condition, bound."""

    name: str
    body: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Burst(Atom):
    """`times` responses or more in the last `within` seconds, and none in the `after` seconds before those.

    The contact must have responded before the silence, or have received a touch: for a new name it is never true.
    """

    type: ClassVar = Type.BOOLEAN
    moved_by_time: ClassVar = True
    moved_by_events: ClassVar = True
    of_company: ClassVar = False

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


Told = Did | Received | HasTag | Burst  # calls whose value is yes or no
Fact = Subject | Told  # what a condition can rest on
Expression = Compare | Among | Contains | Missing | Truth | Constant | Told | InSegment | Not | All | Any


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed and bound condition with its own text."""

    text: str
    body: Expression
    span: Span
