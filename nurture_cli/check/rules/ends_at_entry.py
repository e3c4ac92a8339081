"""A campaign that contacts leave as soon as they enter.

## What it does
Finds campaigns whose `exit.when` or `goal.when` is met by every contact who meets `enter.when`.

## Why is this bad?
The exit also guards the entry, so nobody enters. With a goal, every contact counts as won without having received
anything.

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

from nurture_cli.check.stages import lets_go
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

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
                f"Campaign `{campaign.name}` nurtures nobody: contacts who could enter would leave at once.",
                "Make one of the two conditions narrower.",
                ((ending.span, "this holds for everybody who would enter"),),
            )
