"""Campaigns of equal priority that can want the same contact.

## What it does
Lists campaigns with the same `priority` that one contact can enter at the same time; those whose entries exclude each
other are left out.

## Why is this bad?
A contact gets one touch a day unless you set another limit. When two campaigns are due, the higher priority goes
first; between equals it is the one that has waited longest, which is fair, but not always what you would choose.

## Example
```yaml
# campaigns/example.yml
priority: 50
# campaigns/other.yml
priority: 50
```
Use instead:
```yaml
# campaigns/example.yml
priority: 50
# campaigns/other.yml
priority: 60
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.model import Campaign
from nurture_cli.check.logic import disjoint
from nurture_cli.check.stages import lets_go
from nurture_cli.check.survey import Survey
from nurture_cli.language.names import listed
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "priority-tie"
SEVERITY = Severity.NOTE
MOST_NAMES = 3


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield one finding for each priority that several campaigns share, at the first of them."""
    by_priority: dict[int, list[Campaign]] = {}
    for campaign in survey.campaigns:
        if not campaign.paused:
            by_priority.setdefault(campaign.priority, []).append(campaign)
    for priority, campaigns in by_priority.items():
        tied = [one for one in campaigns if any(one is not other and _meet(one, other) for other in campaigns)]
        if not tied:
            continue
        rivals = [campaign.name for campaign in tied[1:]]
        yield Diagnostic(
            ID,
            SEVERITY,
            tied[0].places.get("priority", tied[0].span),
            f"Priority {priority} is also that of {listed(rivals, MOST_NAMES)}: the longest wait goes first.",
            "Give them different priorities if one of them matters more.",
        )


def _meet(one: Campaign, other: Campaign) -> bool:
    entry, entry_of_other = one.enter.condition.body, other.enter.condition.body
    if disjoint(entry, entry_of_other):
        return False
    return lets_go(other, entry) is None and lets_go(one, entry_of_other) is None
