"""An entry condition that can change just because time passes.

## What it does
Points at entry conditions that look at a time: `within=`, `days_since`, `days_until`, or at interest, which fades.

## Why is this bad?
It is not; it is good to know. Whether such a condition holds can change without anything happening, so every run has to
look at all contacts instead of those with news. One SQL statement does it, and is quick for a hundred thousand
contacts.

## Example
```yaml
# campaigns/example.yml
enter:
  when: days_since("visited") > 90
  backfill: true
```
This one is asked only when something happens:
```yaml
# campaigns/example.yml
enter:
  when: did("visited")
  backfill: true
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.conditions import resting_on
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "time-dependent-entry"
SEVERITY = Severity.NOTE


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for the first part of each entry that time alone can change."""
    for campaign in survey.campaigns:
        for fact, _ in resting_on(campaign.enter.condition.body):
            if fact.moved_by_time:
                condition = campaign.enter.condition
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    fact.span if fact.span.file == condition.span.file else condition.span,
                    "Time alone can change who enters here, so each run looks at every contact.",
                )
                break
