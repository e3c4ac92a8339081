"""Criteria of a lead that ask for fit alone, or for interest alone.

## What it does
Looks at the criteria of stages that hand over to Sales. At least one criterion that every lead must meet should be
about who the contact is (`fit`, the letter of a grade, a field, a tag), and one about what the contact did (`interest`,
the digit of a grade, `responses()`, an event).

## Why is this bad?
Sales stops trusting leads when one turns out to be a student who read everything, or a director who never asked for
anything. nurture hands over nobody without any response, or without any fit where there are rules for it; but a single
point of either is little.

## Example
```yaml
# nurture.yml
sales:
  accept_within: 2 business days
stages:
  - awareness
  - consideration
  - stage: decision
    when: interest >= 40
    handoff: sales
  - customer
```
Use instead:
```yaml
# nurture.yml
sales:
  accept_within: 2 business days
stages:
  - awareness
  - consideration
  - stage: decision
    when: interest >= 40 and in_segment("large")
    handoff: sales
  - customer
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nurture_cli.check.points import in_points
from nurture_cli.check.survey import Survey
from nurture_cli.check.values import values_of
from nurture_cli.language.expression import (
    All,
    Among,
    Any,
    Atom,
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
    MeasureName,
    Missing,
    Not,
    Operand,
    Received,
    Responses,
    Touches,
    Truth,
)
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "lead-needs-both"
SEVERITY = Severity.WARNING
STATES = ("stage", "consent", "email", "zone")  # fields that do not say who a contact is


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each half that the criteria of a hand-off do not ask for."""
    for stage in survey.funnel.stages:
        if not stage.handoff or stage.criteria is None:
            continue
        body = in_points(stage.criteria.body, survey.funnel.grades)
        for wanted, lacks, advice in (
            (_is_fit, "who they are", "Add, for example: `and fit >= 40`"),
            (_is_engagement, "what they did", "Add, for example: `and interest >= 25`"),
        ):
            if not _asks_everybody(body, wanted):
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    stage.criteria.span,
                    f"A contact can be handed over in `{stage.name}` without a look at {lacks}.",
                    advice,
                )


def _asks_everybody(body: Expression, wanted: Callable[[Expression], bool]) -> bool:
    """Whether every contact who meets the condition meets a wanted part of it."""
    match body:
        case All(parts=parts):
            return any(_asks_everybody(part, wanted) for part in parts)
        case Any(parts=parts):
            return all(_asks_everybody(part, wanted) for part in parts)
        case InSegment(body=inner):
            return _asks_everybody(inner, wanted)
        case Atom() | Not():
            return wanted(body)


def _is_fit(atom: Expression) -> bool:
    match atom:
        case HasTag() | Contains() | Truth():
            return True
        case Not(body=Missing(operand=Field())):
            return True
        case Compare() | Among():
            return any(_is_fact(side) for side in _sides(atom)) or _asks_for_some(atom, MeasureName.FIT)
        case Missing() | Constant() | Did() | Received() | Burst() | InSegment() | Not() | All() | Any():
            return False


def _is_engagement(atom: Expression) -> bool:
    match atom:
        case Did() | Burst():
            return True
        case Compare() | Among():
            return any(_is_act(side, atom) for side in _sides(atom))
        case Not(body=Missing(operand=DaysSince())):
            return True
        case (
            Contains() | Missing() | Truth() | Constant() | Received() | HasTag() | InSegment() | Not() | All() | Any()
        ):
            return False


def _sides(atom: Compare | Among) -> tuple[Operand, ...]:
    match atom:
        case Compare():
            return (atom.left, atom.right)
        case Among():
            return (atom.left,)


def _is_act(side: Operand, atom: Compare | Among) -> bool:
    """Whether a side of a comparison tells what the contact did, and the comparison asks for some of that."""
    match side:
        case DaysSince():
            return True
        case Responses() | CompanyPeople():
            return _not_zero(atom)
        case Measure(name=name):
            return name.fades and _not_zero(atom)
        case Literal() | Field() | DaysUntil() | Touches():
            return False


def _is_fact(side: Operand) -> bool:
    match side:
        case Field(name=name):
            return name not in STATES
        case Literal() | Measure() | DaysSince() | DaysUntil() | Touches() | Responses() | CompanyPeople():
            return False


def _asks_for_some(atom: Compare | Among, measure: MeasureName) -> bool:
    named = any(isinstance(side, Measure) and side.name == measure for side in _sides(atom))
    return named and _not_zero(atom)


def _not_zero(atom: Compare | Among) -> bool:
    """Whether a contact about whom nothing is known does not meet it."""
    values = values_of(atom)
    return values is None or not values.lets(0)
