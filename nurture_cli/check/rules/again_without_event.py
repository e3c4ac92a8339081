"""A campaign that says `again: always` and lets nobody in again.

## What it does
Finds campaigns with `again: always` whose entry condition asks for no event: only for fields, tags, or the absence of
something.

## Why is this bad?
With `again: always`, a contact enters once more for each new event that meets the condition. A condition without an
event never lets anybody in a second time. (If a field were enough, contacts would enter again in every run, forever.)

## Example
```yaml
# campaigns/example.yml
enter:
  when: stage == "awareness"
  backfill: true
  again: always
```
Use instead:
```yaml
# campaigns/example.yml
enter:
  when: did("downloaded")
  backfill: true
  again: always
```
Or give it a time: `again: every 90 days`.
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.model import Again
from nurture_cli.check.conditions import has_event
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "again-without-event"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each entry that no event can renew."""
    for campaign in survey.campaigns:
        enter = campaign.enter
        if enter.again is Again.ALWAYS and not has_event(enter.condition.body):
            yield Diagnostic(
                ID,
                SEVERITY,
                enter.condition.span,
                "Nobody ever enters again: `again: always` waits for a new event, and this asks for none.",
                'Ask for an event, such as did("visited"), or write `again: never` or `again: every 90 days`.',
            )
