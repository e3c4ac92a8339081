"""Criteria of a stage that send everybody straight past it.

## What it does
Finds criteria that hold only for contacts who meet the criteria of a later stage as well; two stages with the same
criteria are the plainest case.

## Why is this bad?
A contact moves to the furthest stage whose criteria hold. So the criteria of the earlier one never bring anybody there:
its sequence never runs, and its owner has nobody to look after.

## Example
```yaml
# nurture.yml
stages:
  - awareness
  - stage: consideration
    when: responses() >= 3
  - stage: decision
    when: responses() >= 2
  - customer
```
Use instead:
```yaml
# nurture.yml
stages:
  - awareness
  - stage: consideration
    when: responses() >= 2
  - stage: decision
    when: responses() >= 3
  - customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.funnel import Stage
from nurture_cli.check.points import measured
from nurture_cli.check.survey import Survey
from nurture_cli.language.expression import All, Compare, Expression, Literal, MeasureName, Responses, Type
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "criteria-overtaken"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each stage whose criteria lead further at once."""
    stages = survey.funnel.stages
    for rank, stage in enumerate(stages):
        if rank == 0 or stage.criteria is None or stage.is_gate or survey.impossible(stage.criteria.body):
            continue
        for further in range(rank + 1, len(stages)):
            later = stages[further]
            if later.criteria is not None and _leads_on(survey, stage.criteria.body, stages[rank + 1 : further + 1]):
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    stage.criteria.span,
                    f"Contacts who meet this meet the criteria of `{later.name}` too, and go straight there.",
                    "Ask for less here, or for more there.",
                    ((later.criteria.span, f"the criteria of `{later.name}`"),),
                )
                break


def _leads_on(survey: Survey, who: Expression, ahead: tuple[Stage, ...]) -> bool:
    """Whether every contact who meets `who` also meets the criteria of the last of these stages and of its gates."""
    asked = [stage.criteria.body for stage in ahead if stage.is_gate and stage.criteria is not None]
    last = ahead[-1]
    if last.criteria is not None:
        asked.append(last.criteria.body)
    if last.handoff:  # nobody is handed over without a response, and without fit where fit counts
        here = last.span
        asked.append(Compare(">=", Responses(None, None, here), Literal(1, Type.NUMBER, here), here))
        asked += [measured(MeasureName.FIT, ">", 0, here)] if survey.funnel.fit else []
    return survey.implies(who, All(tuple(asked), last.span))
