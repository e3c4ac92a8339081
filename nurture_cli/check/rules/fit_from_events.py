"""A rule of `fit` that looks at what happened, or at the time.

## What it does
Finds rules under `fit:` that ask for events, touches, assets received, interest, grades, or days before or after a
date.

## Why is this bad?
Fit says whether somebody belongs to the audience; it never fades, and is worked out only when something about the
contact changes. What contacts do is interest: it has points of its own, which fade. If the two are mixed, a student
with many clicks looks like a buyer.

## Example
```yaml
# nurture.yml
fit:
  - if: did("attended", times=2)
    points: 20
```
Use instead:
```yaml
# nurture.yml
fit:
  - if: role == "buyer"
    points: 20
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.conditions import Leaf, facts
from nurture_cli.check.survey import Survey
from nurture_cli.language.expression import (
    Among,
    Burst,
    CompanyPeople,
    Compare,
    Constant,
    Contains,
    DaysSince,
    DaysUntil,
    Did,
    Field,
    HasTag,
    Literal,
    Measure,
    Missing,
    Received,
    Responses,
    Touches,
    Truth,
)
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "fit-from-events"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for the first such part of each rule."""
    for rule in survey.funnel.fit:
        for fact, _ in facts(rule.condition.body):
            what = _what(fact)
            if what is not None:
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    fact.span,
                    f"Fit cannot rest on {what}: it is about who somebody is, and never fades.",
                    "Ask for fields or tags. Points for what contacts do belong under `interest:`.",
                )
                break


def _what(fact: Leaf) -> str | None:
    match fact:
        case Did() | Responses() | CompanyPeople() | Burst():
            return "events"
        case Received() | Touches():
            return "what was sent"
        case DaysSince() | DaysUntil():
            return "the time"
        case Measure(name=name):
            return f"`{name}`"
        case Literal() | Field() | HasTag() | Compare() | Among() | Contains() | Missing() | Truth() | Constant():
            return None
