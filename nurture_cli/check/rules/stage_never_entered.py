"""A stage that nothing leads to.

## What it does
In a funnel with criteria, finds stages after the first that have no criteria, that no step, rule, signal, way back or
answer from Sales leads to, and that Sales is not responsible for (`owner: sales` or `both`).

## Why is this bad?
Only an import, or a person at the keyboard, could bring a contact there. The stage stays empty, and nobody asks why.

## Example
```yaml
# nurture.yml
stages:
  - awareness
  - stage: consideration
  - stage: decision
    when: responses() >= 3
  - stage: customer
    owner: sales
```
Use instead:
```yaml
# nurture.yml
stages:
  - awareness
  - stage: consideration
    when: responses() >= 1
  - stage: decision
    when: responses() >= 3
  - stage: customer
    owner: sales
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.funnel import kept_by_people
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "stage-never-entered"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each stage that nothing in the files leads to."""
    if not survey.ways.has_criteria or not survey.all_campaigns_read:
        return
    entered = survey.ways.moved_to | survey.ways.moved_by_sales
    for stage in survey.funnel.stages[1:]:
        if stage.name not in entered and not kept_by_people(stage):
            yield Diagnostic(
                ID,
                SEVERITY,
                stage.span,
                f"Nothing leads to the stage `{stage.name}`.",
                "Write its criteria (`when:`), or say that Sales moves contacts there: `owner: sales`.",
            )
