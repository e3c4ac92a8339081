"""A plain interpreter of conditions: one contact, lists of events and of touches, loops and comparisons.

It shares nothing with the compiler but the tree. Where the two differ, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from math import floor

from nurture_cli.campaign.funnel import Grades, Interest, ScorePolicy
from nurture_cli.language.expression import (
    All,
    Among,
    Any,
    Burst,
    CompanyPeople,
    Compare,
    Constant,
    Contains,
    DaysSince,
    DaysUntil,
    Did,
    Expression,
    Field,
    HasTag,
    InSegment,
    Literal,
    Measure,
    Missing,
    Not,
    Operand,
    Received,
    Responses,
    Touches,
    Truth,
)
from nurture_cli.records import Contact, Event, Value

DAY = 86400


@dataclass(frozen=True, slots=True)
class Touched:
    """A row of the ledger, as far as conditions look at it."""

    contact_id: int
    asset: str
    family: str
    at: int
    state: str = "sent"
    reaches_contact: bool = True


@dataclass(frozen=True, slots=True)
class Recycled:
    """A time at which a contact was given back, and what that did to its interest."""

    contact_id: int
    at: int
    interest: ScorePolicy


@dataclass(frozen=True, slots=True)
class Scores:
    """The rules of scores, and the fit that each contact was found to have."""

    interest: Interest
    grades: Grades
    assets_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fit: Mapping[int, int] = field(default_factory=dict)


class OnTheEdge(Exception):
    """Interest so near the half between two whole numbers that the last bit of a double decides."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known; `family_of` says for an asset the name under which it counts (missing: its own)."""

    contact: Contact
    events: tuple[Event, ...] = ()
    touches: tuple[Touched, ...] = ()
    family_of: Mapping[str, str] = field(default_factory=dict)
    everybody: tuple[Contact, ...] = ()
    recycled: tuple[Recycled, ...] = ()
    scores: Scores | None = None

    def family(self, asset: str) -> str:
        return self.family_of.get(asset, asset)


@dataclass(frozen=True, slots=True)
class Question:
    """When a condition is asked: what happened counts when `floor < at <= ceiling`.

    With `events=False` it is asked as if nothing had ever happened and nothing had ever been received.
    """

    ceiling: int
    floor: int | None = None
    events: bool = True

    def counts(self, at: int) -> bool:
        return at <= self.ceiling and (self.floor is None or at > self.floor)


def holds(expression: Expression, facts: Facts, question: Question) -> bool:
    """Whether the condition is true of the contact; never unknown."""
    match expression:
        case Constant(value=value):
            return value
        case All(parts=parts):
            return all(holds(part, facts, question) for part in parts)
        case Any(parts=parts):
            return any(holds(part, facts, question) for part in parts)
        case Not(body=body):
            return not holds(body, facts, question)
        case InSegment(body=body):
            return holds(body, facts, question)
        case Compare(op=op, left=left, right=right):
            return compare(op, value_of(left, facts, question), value_of(right, facts, question))
        case Among(left=left, choices=choices):
            found = value_of(left, facts, question)
            return found is not None and any(found == choice.value for choice in choices)
        case Contains(needle=needle, field=place):
            text = value_of(place, facts, question)
            return isinstance(text, str) and needle in text
        case Missing(operand=operand):
            return value_of(operand, facts, question) is None
        case Truth(field=boolean):
            return value_of(boolean, facts, question) is True
        case HasTag(tag=tag):
            return tag in facts.contact.tags
        case Did():
            return did(expression, facts, question)
        case Received(asset=asset):
            return any(
                touch.state == "sent" and touch.family == facts.family(asset) and question.counts(touch.at)
                for touch in facts.touches
                if question.events and touch.contact_id == facts.contact.id
            )
        case Burst():
            return burst(expression, facts, question)


def compare(op: str, left: Value | None, right: Value | None) -> bool:
    """A missing value is unlike everything, and neither before nor after anything."""
    if left is None or right is None:
        return op == "!="
    match op:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right  # type: ignore[operator]  # well typed: both text or both numbers
        case "<=":
            return left <= right  # type: ignore[operator]
        case ">":
            return left > right  # type: ignore[operator]
        case ">=":
            return left >= right  # type: ignore[operator]
    raise AssertionError(f"no such comparison: {op}")


def value_of(operand: Operand, facts: Facts, question: Question) -> Value | None:
    """The value on one side of a comparison; None when it is missing."""
    contact = facts.contact
    match operand:
        case Literal(value=value):
            return value
        case Field(name=name, core=True):
            found: Value | None = getattr(contact, name)
            return found
        case Field(name=name):
            return contact.fields.get(name)
        case DaysSince(kind=kind, asset=asset):
            instants = [event.at for event in happened(kind, asset, facts, question)]
            return (question.ceiling - max(instants)) // DAY if instants else None
        case DaysUntil(field=place):
            written = contact.fields.get(place.name)
            if not isinstance(written, str):
                return None
            today = datetime.fromtimestamp(question.ceiling, UTC).date()
            return (date.fromisoformat(written) - today).days
        case Touches(within=within):
            # The whole ledger, whatever the floor: it is about how much a contact hears from us.
            return sum(
                touch.contact_id == contact.id
                and touch.reaches_contact
                and touch.state == "sent"
                and touch.at <= question.ceiling
                and (within is None or touch.at > question.ceiling - within)
                for touch in facts.touches
            )
        case Measure(name=name):
            return measure(name, facts, question)
        case Responses(within=within, stage=stage):
            return len(responses(contact.id, facts, question, within, stage))
        case CompanyPeople(within=within):
            return sum(bool(responses(person.id, facts, question, within)) for person in company(facts))


def happened(kind: str, asset: str | None, facts: Facts, question: Question) -> list[Event]:
    """The contact's own events of a kind that count, about an asset or a variant of it, or about anything."""
    return [
        event
        for event in facts.events
        if question.events
        and event.contact_id == facts.contact.id
        and not event.machine
        and event.kind == kind
        and (asset is None or facts.family(event.asset) == facts.family(asset))
        and question.counts(event.at)
    ]


def did(expression: Did, facts: Facts, question: Question) -> bool:
    """Whether it happened often enough, recently enough, late enough."""
    counted = [
        event
        for event in happened(expression.kind, expression.asset, facts, question)
        if (expression.within is None or event.at > question.ceiling - expression.within)
        and (expression.since is None or event.at >= expression.since)
    ]
    return len(counted) >= expression.times


def scores(facts: Facts) -> Scores:
    assert facts.scores is not None
    return facts.scores


def measure(name: str, facts: Facts, question: Question) -> Value:
    """What is worked out; of interest since some instant there is none unless the contact itself responded since."""
    me, grades = facts.contact, scores(facts).grades
    responded = question.events and (question.floor is None or bool(responses(me.id, facts, question)))
    match name:
        case "fit":
            return scores(facts).fit.get(me.id, 0)
        case "furthest_stage":
            return me.furthest_stage or me.stage
        case "interest":
            return whole(interest(me.id, facts, question.ceiling)) if responded else 0
        case "company_interest":
            weights = scores(facts).interest.roles
            weighed = (
                interest(one.id, facts, question.ceiling) * (1 if one.role is None else weights.get(one.role, 1))
                for one in company(facts)
            )
            return whole(sum(weighed)) if responded else 0
        case "grade":
            fits, warms = scores(facts).fit.get(me.id, 0), int(measure("interest", facts, question))
            letter = "A" if fits >= grades.fit[0] else "B" if fits >= grades.fit[1] else "C"
            return letter + ("1" if warms >= grades.interest[0] else "2" if warms >= grades.interest[1] else "3")
    raise AssertionError(f"no such measure: {name}")


def whole(number: float) -> int:
    """The nearest whole number, where the last bit does not decide which that is."""
    if abs(number - floor(number) - 0.5) < 1e-6:
        raise OnTheEdge(number)
    return floor(number + 0.5)


def interest(contact: int, facts: Facts, at: int) -> float:
    """The sum of the points of what counts by an instant, each halved every half-life, less what recycling took."""
    rules = scores(facts).interest
    total = 0.0
    for event in counted(contact, facts, at):
        points = rules.points[event.kind] * 2.0 ** ((event.at - at) / rules.half_life)
        for back in facts.recycled:
            if back.contact_id == contact and event.at <= back.at <= at:
                points *= {ScorePolicy.KEEP: 1.0, ScorePolicy.HALVE: 0.5, ScorePolicy.RESET: 0.0}[back.interest]
        total += points
    return total


def counted(contact: int, facts: Facts, at: int) -> list[Event]:
    """The responses that have points: the first few of each kind on each day."""
    rules = scores(facts).interest
    taken: dict[tuple[str, int], int] = {}
    found = []
    for event in sorted(responses(contact, facts, Question(at)), key=lambda event: event.at):
        day = (event.kind, event.at // DAY)
        taken[day] = taken.get(day, 0) + 1
        if taken[day] <= rules.per_day[event.kind]:
            found.append(event)
    return found


def responses(
    contact: int, facts: Facts, question: Question, within: int | None = None, stage: str | None = None
) -> list[Event]:
    """Events of somebody that have points by their kind, and were not judged a machine's."""
    return [
        event
        for event in facts.events
        if question.events
        and event.contact_id == contact
        and not event.machine
        and event.kind in scores(facts).interest.points
        and (stage is None or event.asset in scores(facts).assets_of.get(stage, ()))
        and question.counts(event.at)
        and (within is None or event.at > question.ceiling - within)
    ]


def company(facts: Facts) -> list[Contact]:
    """The people of the contact's company; without a company the contact alone."""
    mine = folded(facts.contact.company)
    everybody = facts.everybody or (facts.contact,)
    return [one for one in everybody if (folded(one.company) == mine if mine else one.id == facts.contact.id)]


def folded(name: str | None) -> str:
    """As SQLite folds: blanks around, and the capitals of ASCII."""
    return "".join(one.lower() if one.isascii() else one for one in (name or "").strip(" "))


def burst(asked: Burst, facts: Facts, question: Question) -> bool:
    """Responses again and again, silence before, and known from before that."""
    began, silent = question.ceiling - asked.within, question.ceiling - asked.within - asked.after
    instants = [event.at for event in responses(facts.contact.id, facts, replace(question, floor=None))]
    known = [at for at in instants if at <= silent] or [
        touch
        for touch in facts.touches
        if touch.contact_id == facts.contact.id
        and touch.reaches_contact
        and touch.state == "sent"
        and touch.at <= silent
        and question.events
    ]
    return (
        sum(at > began for at in instants) >= asked.times
        and not any(silent < at <= began for at in instants)
        and bool(known)
        and any(question.counts(at) for at in instants)
    )
