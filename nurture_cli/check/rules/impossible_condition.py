"""A condition that holds for nobody, ever.

## What it does
Finds conditions that contradict themselves, such as two different stages at once, joined with `and`.

## Why is this bad?
Nobody enters, leaves or takes the arm. Most often `or` was meant.

## Example
```yaml
# campaigns/example.yml
exit:
  when: stage == "decision" and stage == "customer"
```
Use instead:
```yaml
# campaigns/example.yml
exit:
  when: stage == "decision" or stage == "customer"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.diagnostic import Diagnostic, Severity
from nurture_cli.campaign.expression import All, Any, Constant, Expression, InSegment, Not
from nurture_cli.check.conditions import uses
from nurture_cli.check.logic import disjoint
from nurture_cli.check.survey import Survey

ID = "impossible-condition"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each contradiction in a campaign or a segment."""
    conditions = [use.condition for campaign in survey.campaigns for use in uses(campaign)]
    conditions += [segment.condition for segment in survey.config.segments.values()]
    for condition in conditions:
        for first, second in _contradictions(condition.body):
            yield Diagnostic(
                ID,
                SEVERITY,
                second.span,
                "This holds for nobody of whom the part before it holds, and both are asked for.",
                "Use `or` between them, or remove one.",
                ((first.span, "the part before it"),),
            )


def _contradictions(body: Expression) -> Iterator[tuple[Expression, Expression]]:
    match body:
        case All(parts=parts):
            for place, second in enumerate(parts):
                first = next((part for part in parts[:place] if disjoint(part, second)), None)
                if first is not None and not isinstance(second, Constant):
                    yield first, second
                yield from _contradictions(second)
        case Any(parts=parts):
            for part in parts:
                yield from _contradictions(part)
        case Not(body=inner):
            yield from _contradictions(inner)
        case InSegment():
            return  # shown where the segment is declared
        case _:
            return
