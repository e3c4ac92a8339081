"""A plain interpreter of conditions: one contact, lists of events and of touches, loops and comparisons.

It shares nothing with the compiler but the tree. Where the two differ, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from nurture_cli.campaign.expression import (
    All,
    Among,
    Any,
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
    Missing,
    Not,
    Operand,
    Received,
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
class Facts:
    """All that is known; `family_of` says for an asset the name under which it counts (missing: its own)."""

    contact: Contact
    events: tuple[Event, ...] = ()
    touches: tuple[Touched, ...] = ()
    family_of: Mapping[str, str] = field(default_factory=dict)

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
