"""A reason for returning a contact that has no follow-up.

## What it does
Finds reasons under the `back:` of a stage for which `recycling:` has no track.

## Why is this bad?
A contact who is returned for that reason gets no rest and no campaign chosen for it; the next morning they enter
whichever campaign lets them in. Every reason should say what follows, even if it is nothing: `{}`.

## Example
```yaml
# nurture.yml
stages:
  - awareness
  - consideration
  - stage: decision
    back:
      - to: consideration
        for: [no-budget, not-now]
  - customer
recycling:
  no-budget:
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
        for: [no-budget, not-now]
  - customer
recycling:
  no-budget:
    rest: 90 days
  not-now:
    rest: 30 days
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.language.names import nearest
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "reason-without-track"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each reason, at the first way back that names it."""
    told: set[str] = set()
    for stage in survey.funnel.stages:
        for edge in stage.back:
            for reason in edge.reasons:
                if survey.funnel.track(reason) is None and reason not in told:
                    told.add(reason)
                    near = nearest(reason, [track.reason for track in survey.funnel.recycling])
                    add = f"Add a track: `recycling: {{{reason}: {{rest: 30 days}}}}`"
                    yield Diagnostic(
                        ID,
                        SEVERITY,
                        edge.span,
                        f"Nothing says what follows when a contact goes back for the reason `{reason}`.",
                        f"Did you mean `{near}`? {add}" if near else add,
                    )
