"""A decision that rests on opens.

## What it does
Finds conditions in which an open, or the lack of one, can alone decide which contacts enter, leave, take a way or come
to a stage, and opens that have points under `interest:`. It does not report an open that counts only together with a
click, a reply or another act.

## Why is this bad?
Machines open mails: Apple Mail loads every picture before anybody looks, company gateways do the same, and others
never load one for people who read every word. Such a decision sorts mail programs, not readers.

## Example
```yaml
# campaigns/example.yml
stages:
  awareness:
    - send: hello
    - wait_for: opened("hello")
      within: 5 days
      then:
        - send: offer
      else: []
```
Use instead:
```yaml
# campaigns/example.yml
stages:
  awareness:
    - send: hello
    - wait_for: clicked("hello") or replied("hello")
      within: 5 days
      then:
        - send: offer
      else: []
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.conditions import resting_on
from nurture_cli.check.survey import Survey
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
    Fact,
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
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span

ID = "opened-moves"
SEVERITY = Severity.WARNING
OPENED = "opened"


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each open that decides alone."""
    for use in survey.uses:
        span = _deciding_open(use.condition.body)
        if span is not None:
            yield Diagnostic(
                ID,
                SEVERITY,
                span,
                f"An open decides {use.decides}, but machines open mails too, and some readers' programs never do.",
                "Ask for an act of a person: clicked(…), replied(…), visited(…) or did(…).",
            )
    if OPENED in survey.funnel.interest.points:
        yield Diagnostic(
            ID,
            SEVERITY,
            survey.config.places["interest.points"],
            "An open counts as interest here, but machines open mails too, and some readers' programs never do.",
            "Give points for acts of a person only: clicks, replies, visits, requests.",
        )


def _deciding_open(body: Expression) -> Span | None:
    match body:
        case Not(body=inner):
            return _deciding_open(inner)
        case InSegment():
            return None if _deciding_open(body.body) is None else body.span
        case Any(parts=parts):
            return next((span for part in parts if (span := _deciding_open(part))), None)
        case All(parts=parts):
            if any(_is_act(fact) and positive for part in parts for fact, positive in resting_on(part)):
                return None
            return next((span for part in parts if (span := _deciding_open(part))), None)
        case Did():
            return body.span if body.kind == OPENED else None
        case Compare():
            return _open_in(body.left) or _open_in(body.right)
        case Among():
            return _open_in(body.left)
        case Missing():
            return _open_in(body.operand)
        case Contains() | Truth() | Constant() | Received() | HasTag() | Burst():
            return None


def _open_in(operand: Operand) -> Span | None:
    match operand:
        case DaysSince(kind=kind):
            return operand.span if kind == OPENED else None
        case Literal() | Field() | Measure() | DaysUntil() | Touches() | Responses() | CompanyPeople():
            return None


def _is_act(fact: Fact) -> bool:
    match fact:
        case Did(kind=kind):
            return kind != OPENED
        case Burst() | Responses():
            return True
        case Field() | Measure() | DaysSince() | DaysUntil() | Touches() | CompanyPeople():
            return False
        case Received() | HasTag():
            return False
