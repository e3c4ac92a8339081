"""A step hands contacts to Sales, but nurture.yml does not say how.

## What it does
Finds `handoff` steps in projects without `sales:` in nurture.yml.

## Why is this bad?
Nurturing stops for the contact, and Sales does not hear of it: there is no channel for the brief, and no stage for
the leads that Sales accepts.

## Example
```yaml
# campaigns/example.yml
stages:
  any:
    - send: hello
    - handoff: sales
```
Use instead:
```yaml
# nurture.yml
sales:
  channel: task
  accept_within: 2 business days
  won: customer
# campaigns/example.yml
stages:
  any:
    - send: hello
    - handoff: sales
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "handoff-without-sales"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each such step."""
    if survey.funnel.sales is not None:
        return
    for _, step in survey.ways.handoff_steps:
        yield Diagnostic(
            ID,
            SEVERITY,
            step.span,
            "This hands contacts to Sales, but nothing in nurture.yml says how.",
            "Add there, for example: `sales: {channel: task, accepted: sales-lead, won: customer}`",
        )
