"""Criteria that never bring anybody to their stage.

## What it does
Finds criteria of the first stage, criteria that ask for the stage itself or a later one, and criteria that contradict
those of a gate before the stage.

## Why is this bad?
Criteria move contacts forward, from an earlier stage and past every gate on the way. Where that cannot happen, they
have no effect, and nobody notices.

## Example
```yaml
# nurture.yml
stages:
  - awareness
  - consideration
  - stage: decision
    when: stage == "decision" and responses() >= 3
  - customer
```
Use instead:
```yaml
# nurture.yml
stages:
  - awareness
  - consideration
  - stage: decision
    when: stage == "consideration" and responses() >= 3
  - customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.stages import in_stages
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span

ID = "criteria-never-met"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each stage that no contact can reach by its criteria."""
    stages = survey.funnel.stages
    names = [stage.name for stage in stages]
    for rank, stage in enumerate(stages):
        if stage.criteria is None:
            continue
        body, place = stage.criteria.body, stage.criteria.span
        if rank == 0:
            why = f"`{stage.name}` is the first stage, so no contact can move forward to it."
            yield _finding(place, why, "New contacts start here anyway. Remove the criteria.")
            continue
        if survey.disjoint(body, in_stages(names[:rank])):
            why = f"No contact before `{stage.name}` can meet this, and criteria only move contacts forward."
            yield _finding(place, why, "Name an earlier stage, or none.")
            continue
        for before, gate in enumerate(stages[:rank]):
            if gate.is_gate and gate.criteria is not None and before > 0:
                shut_out = survey.disjoint(body, gate.criteria.body)
                if shut_out and not survey.disjoint(body, in_stages(names[:before])):
                    why = f"No contact who meets this passes the gate `{gate.name}` before it."
                    related = ((gate.criteria.span, f"the criteria of `{gate.name}`"),)
                    yield _finding(place, why, "Change one of the two.", related)


def _finding(place: Span, why: str, advice: str, related: tuple[tuple[Span, str], ...] = ()) -> Diagnostic:
    return Diagnostic(ID, SEVERITY, place, why, advice, related)
