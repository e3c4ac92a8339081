"""A campaign that lets go whom it takes in.

## What it does
Finds campaigns whose `exit.when` or `goal.when` holds for everybody of whom `enter.when` holds.

## Why is this bad?
The exit also guards the entry: nobody comes in. With a goal, everybody counts as won without having got anything.

## Example
```yaml
# campaigns/example.yml
enter:
  when: stage == "customer" and did("visited")
  backfill: false
exit:
  when: stage == "customer"
```
Use instead:
```yaml
# campaigns/example.yml
enter:
  when: stage != "customer" and did("visited")
  backfill: false
exit:
  when: stage == "customer"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.diagnostic import Diagnostic, Severity
from nurture_cli.check.stages import lets_go
from nurture_cli.check.survey import Survey

ID = "ends-at-entry"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each campaign that is over before it begins."""
    for campaign in survey.campaigns:
        ending = lets_go(campaign, campaign.enter.condition.body)
        if ending is not None:
            yield Diagnostic(
                ID,
                SEVERITY,
                campaign.enter.condition.span,
                f"Nobody is nurtured by campaign `{campaign.name}`: who would enter is let go at once.",
                "Make one of the two conditions narrower.",
                ((ending.span, "this holds for everybody who would enter"),),
            )
