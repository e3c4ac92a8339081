"""A stage from which nothing leads on or back.

## What it does
In a funnel with criteria, finds stages before the last that have no way back, and after which no stage has criteria or
is one that a step, a rule, a signal or an answer from Sales leads to. It leaves out stages from `sales.won` on, and
those that Sales is responsible for (`owner: sales` or `both`).

## Why is this bad?
Contacts who get there stay. That is right for customers, and for nobody else.

## Example
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
    when: did("purchased")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.funnel import kept_by_people
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "stage-never-left"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each stage that no contact can leave."""
    funnel, ways = survey.funnel, survey.ways
    if not ways.has_criteria or not survey.all_campaigns_read:
        return
    ahead = ways.moved_to
    if ways.first_handoff is not None:
        ahead |= ways.moved_by_sales
    for rank, stage in enumerate(funnel.stages[:-1]):
        if stage.back or kept_by_people(stage) or (survey.funnel.won is not None and rank >= survey.funnel.won):
            continue
        if not any(later.name in ahead for later in funnel.stages[rank + 1 :]):
            yield Diagnostic(
                ID,
                SEVERITY,
                stage.span,
                f"Nobody ever leaves the stage `{stage.name}`.",
                "Write criteria for a later stage, or ways back from this one (`back:`).",
            )
