"""A stage with a time limit, but no owner.

## What it does
Finds stages of kind `sla` without an `owner`.

## Why is this bad?
When the time is up, somebody has to act. If a stage belongs to nobody, nobody will.

## Example
```yaml
# nurture.yml
stages:
  - awareness
  - consideration
  - stage: decision
    kind: sla
    within: 5 business days
  - customer
```
Use instead:
```yaml
# nurture.yml
stages:
  - awareness
  - consideration
  - stage: decision
    kind: sla
    within: 5 business days
    owner: sales
  - customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.funnel import StageKind
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "sla-without-owner"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each stage with a clock and no owner."""
    for stage in survey.funnel.stages:
        if stage.kind is StageKind.SLA and stage.owner is None:
            yield Diagnostic(
                ID,
                SEVERITY,
                stage.span,
                f"Contacts must leave `{stage.name}` in time, but nobody is responsible for it.",
                "Add `owner: marketing`, `owner: sales` or `owner: both`.",
            )
