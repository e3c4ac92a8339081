"""A condition no contact can meet.

## What it does
Finds conditions that contradict themselves, such as two different stages at once, joined with `and`, or a grade that
needs more fit than the condition allows; and values that do not exist, such as an interest below 0.

## Why is this bad?
Nobody ever enters, leaves or takes the arm. Usually `or` was meant.

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

from nurture_cli.check.survey import Survey
from nurture_cli.language.expression import All, Any, Atom, Constant, Expression, InSegment, Not
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "impossible-condition"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each contradiction in a campaign or a segment."""
    for condition in survey.conditions:
        for first, second in _contradictions(condition.body, survey):
            if first is None:
                yield Diagnostic(
                    ID, SEVERITY, second.span, "This never holds: there is no such value.", "Correct it, or remove it."
                )
                continue
            yield Diagnostic(
                ID,
                SEVERITY,
                second.span,
                "No contact can meet both this and the part before it.",
                "Use `or` between them, or remove one.",
                ((first.span, "the part before it"),),
            )


def _contradictions(body: Expression, survey: Survey) -> Iterator[tuple[Expression | None, Expression]]:
    """Pairs of parts that no contact can meet together, and parts that no contact can meet at all."""
    match body:
        case All(parts=parts):
            for place, second in enumerate(parts):
                first = next((part for part in parts[:place] if survey.disjoint(part, second)), None)
                if first is not None and not isinstance(second, Constant) and not survey.impossible(second):
                    yield first, second
                yield from _contradictions(second, survey)
        case Any(parts=parts):
            for part in parts:
                yield from _contradictions(part, survey)
        case Not(body=inner):
            yield from _contradictions(inner, survey)
        case InSegment() | Constant():
            return  # a segment is shown where it is declared
        case Atom():
            if survey.impossible(body):
                yield None, body
