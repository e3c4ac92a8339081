"""A stage whose sequence has no steps.

## What it does
Finds stages under `stages:` whose list of steps is empty.

## Why is this bad?
Contacts in that stage get nothing, and the sequence under `any:` does not reach them either, because their stage has
a sequence of its own.

## Example
```yaml
# campaigns/example.yml
stages:
  awareness: []
  any:
    - send: hello
```
Use instead:
```yaml
# campaigns/example.yml
stages:
  any:
    - send: hello
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "empty-sequence"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each sequence without steps."""
    for campaign in survey.campaigns:
        for sequence in campaign.sequences:
            if not sequence.steps:
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    sequence.span,
                    f"The sequence for `{sequence.stage}` has no steps, so these contacts get nothing.",
                    "Add steps, or remove the stage so that the sequence under `any` serves it.",
                )
