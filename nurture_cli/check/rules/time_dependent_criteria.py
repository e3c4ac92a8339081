"""Criteria that contacts can come to meet just because time passes.

## What it does
Points at criteria that a contact can come to meet without doing anything: `days_since` that grows, a count of the last
days that must be small, interest that must have faded.

## Why is this bad?
It is not; it is good to know. A run checks other criteria only for contacts who changed; it has to check these for
every contact. One SQL statement does it, and is quick for a hundred thousand contacts.

## Example
```yaml
# nurture.yml
stages:
  - awareness
  - stage: consideration
    when: days_since("downloaded") >= 30
  - stage: decision
    when: responses() >= 3
  - stage: customer
    when: did("purchased")
```
This one is asked only when something happens:
```yaml
# nurture.yml
stages:
  - awareness
  - stage: consideration
    when: responses(within="30 days") >= 2
  - stage: decision
    when: responses() >= 3
  - stage: customer
    when: did("purchased")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.language.expression import All, Any, Atom, Expression, InSegment, Not
from nurture_cli.language.time_dependence import becomes_true_by_time
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "time-dependent-criteria"
SEVERITY = Severity.NOTE


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for the first such part of each stage's criteria."""
    for stage in survey.funnel.stages:
        if stage.criteria is not None and becomes_true_by_time(stage.criteria.body):
            yield Diagnostic(
                ID,
                SEVERITY,
                _part(stage.criteria.body, True).span,
                f"Time alone can bring contacts to `{stage.name}`, so each run looks at every contact.",
            )


def _part(body: Expression, positive: bool) -> Expression:
    """The first part that time makes true, or false if not `positive`; a segment as a whole."""
    match body:
        case All(parts=parts) | Any(parts=parts):
            return next(_part(part, positive) for part in parts if becomes_true_by_time(part, positive))
        case Not(body=inner) if isinstance(inner, All | Any):
            return _part(inner, not positive)
        case Atom() | InSegment() | Not():
            return body
