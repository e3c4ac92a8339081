"""A stage from which Sales cannot return contacts.

## What it does
Lists stages without `back:` in which contacts are with Sales: from the hand-off up to the stage of contacts who bought.

## Why is this bad?
Sales cannot return contacts who aren't ready: `nurture sales reject` and `nurture sales lost` use only the ways that
`back:` declares. Such contacts are left with no follow-up.

## Example
```yaml
# nurture.yml
sales:
  accept_within: 2 business days
  won: customer
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
  accept_within: 2 business days
  won: customer
stages:
  - awareness
  - consideration
  - stage: decision
    handoff: sales
    back:
      - to: consideration
        for: [not-now]
  - customer
recycling:
  not-now:
    rest: 60 days
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "no-way-back"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each stage from which Sales cannot return contacts."""
    stages = survey.funnel.stages
    for stage in survey.ways.with_sales:
        if not stage.back and stage is not stages[0]:
            yield Diagnostic(
                ID,
                SEVERITY,
                stage.span,
                f"Sales cannot return a contact who is in `{stage.name}`.",
                f"Declare a way back: `back: [{{to: {_home(survey)}, for: [not-now]}}]`",
            )


def _home(survey: Survey) -> str:
    """The stage to which most ways back lead, or else the first."""
    known = [edge.to for stage in survey.funnel.stages for edge in stage.back]
    return max(known, key=known.count) if known else survey.funnel.stages[0].name
