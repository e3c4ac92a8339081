"""A fit, or a grade, that the rules of `fit` cannot give to anybody.

## What it does
Finds conditions that ask for more fit than all rules under `fit:` add up to, and grades that would need as much.

## Why is this bad?
Nobody ever meets them. Usually a rule was removed, or its points were lowered, and the threshold stayed as it was.

## Example
```yaml
# nurture.yml
fit:
  - if: role == "buyer"
    points: 20
  - if: employees >= 200
    points: 30
stages:
  - awareness
  - stage: consideration
    when: fit >= 60 and responses() >= 1
  - decision
  - customer
```
Use instead:
```yaml
# nurture.yml
fit:
  - if: role == "buyer"
    points: 20
  - if: employees >= 200
    points: 40
stages:
  - awareness
  - stage: consideration
    when: fit >= 60 and responses() >= 1
  - decision
  - customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.conditions import facts
from nurture_cli.check.points import measured, most_fit
from nurture_cli.check.survey import Survey
from nurture_cli.language.expression import Among, Compare, MeasureName
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "fit-out-of-reach"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each part of a condition that asks for too much."""
    most = most_fit(survey.funnel)
    for condition in survey.conditions:
        for fact, positive in facts(condition.body):
            if not positive or not isinstance(fact, Compare | Among) or survey.impossible(fact):
                continue
            if survey.implies(fact, measured(MeasureName.FIT, ">", most, fact.span)):
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    fact.span,
                    f"Nobody has as much fit as this needs: all rules of `fit:` together give {most}."
                    if survey.funnel.fit
                    else "Nobody has as much fit as this needs: there are no rules under `fit:`.",
                    "Ask for less, or give more points.",
                )
