"""A track of recycling that no contact ever takes.

## What it does
Finds tracks under `recycling:` whose reason no way back names.

## Why is this bad?
Contacts go back only for reasons that a stage's `back:` names, so this track never begins. Often the reason was
renamed, or is spelled in two ways.

## Example
```yaml
# nurture.yml
stages:
  - awareness
  - consideration
  - stage: decision
    back:
      - to: consideration
        for: [no-budget]
  - customer
recycling:
  no-budget:
    rest: 90 days
  budget-cut:
    rest: 90 days
```
Use instead:
```yaml
# nurture.yml
stages:
  - awareness
  - consideration
  - stage: decision
    back:
      - to: consideration
        for: [no-budget, budget-cut]
  - customer
recycling:
  no-budget:
    rest: 90 days
  budget-cut:
    rest: 90 days
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.language.names import listed, nearest
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "track-without-reason"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each track that no way back leads to."""
    reasons = survey.funnel.reasons
    for track in survey.funnel.recycling:
        if track.reason not in reasons:
            near = nearest(track.reason, reasons)
            known = f"The reasons are {listed(reasons)}." if reasons else "No stage has a way back."
            yield Diagnostic(
                ID,
                SEVERITY,
                track.span,
                f"No way back has the reason `{track.reason}`, so no contact ever takes this track.",
                f"Did you mean `{near}`?" if near else known,
            )
