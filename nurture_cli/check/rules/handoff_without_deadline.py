"""Contacts are handed to Sales, but no deadline says when Sales must answer.

## What it does
Finds projects with a stage or step that hands over, and no `accept_within` under `sales:`.

## Why is this bad?
A lead that waits goes cold. With a deadline, `nurture stuck` lists the hand-offs that Sales has not answered in time;
without one, nothing does.

## Example
```yaml
# nurture.yml
sales:
  channel: task
stages:
  - awareness
  - consideration
  - stage: decision
    handoff: sales
  - customer
```
Use instead:
```yaml
# nurture.yml
sales:
  channel: task
  accept_within: 2 business days
stages:
  - awareness
  - consideration
  - stage: decision
    handoff: sales
  - customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "handoff-without-deadline"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield one finding when hand-offs have no deadline."""
    sales, handoff = survey.funnel.sales, survey.ways.first_handoff
    if sales is not None and handoff is not None and sales.accept_within is None:
        place, name = handoff
        yield Diagnostic(
            ID,
            SEVERITY,
            sales.span,
            "No deadline says when Sales must answer a hand-off.",
            "Add, for example: `accept_within: 2 business days`",
            ((place, f"{name} hands over"),),
        )
