"""Campaigns of equal priority that can want the same contact.

## What it does
Lists campaigns with the same `priority` that one contact can be in at the same time.

## Why is this bad?
A contact gets one touch a day unless you set another limit. When two campaigns are due, the higher priority goes
first; between equals it is the one that has waited longest, which is fair, but not always what you would choose.

## Example
```yaml
# campaigns/example.yml
priority: 50
```
Use instead:
```yaml
# campaigns/example.yml
priority: 60
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.diagnostic import Diagnostic, Severity
from nurture_cli.campaign.model import Campaign
from nurture_cli.check.logic import disjoint
from nurture_cli.check.stages import lets_go
from nurture_cli.check.survey import Survey

ID = "priority-tie"
SEVERITY = Severity.NOTE


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield one finding for each campaign that ties with earlier ones."""
    for place, campaign in enumerate(survey.campaigns):
        rivals = [
            other.name
            for other in survey.campaigns[:place]
            if other.priority == campaign.priority and not other.paused and _meet(campaign, other)
        ]
        if rivals and not campaign.paused:
            names = ", ".join(rivals[:3]) + (f" and {len(rivals) - 3} more" if len(rivals) > 3 else "")
            yield Diagnostic(
                ID,
                SEVERITY,
                campaign.span,
                f"Priority {campaign.priority} is also that of {names}: between them the longest wait goes first.",
                "Give them different priorities if one of them matters more.",
            )


def _meet(one: Campaign, other: Campaign) -> bool:
    entry, entry_of_other = one.enter.condition.body, other.enter.condition.body
    if disjoint(entry, entry_of_other):
        return False
    return lets_go(other, entry) is None and lets_go(one, entry_of_other) is None
