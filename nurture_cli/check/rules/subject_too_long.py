"""A subject that no mail server takes.

## What it does
Finds mails whose subject has more than 900 bytes, variables not counted.

## Why is this bad?
A line of a mail has at most 998 bytes. Servers refuse longer ones, or break them in the middle of a character.

## Example
```yaml
# templates/hello.md
subject: "áááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááá
  áááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááá
  áááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááá
  áááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááá
  áááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááááá"
```
Use instead:
```yaml
# templates/hello.md
subject: What you asked for
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.check.words import written
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "subject-too-long"
SEVERITY = Severity.ERROR
MOST = 900


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each subject that would not arrive whole."""
    for asset in survey.mails:
        length = len(written(asset.subject).encode())
        if length > MOST:
            yield Diagnostic(
                ID,
                SEVERITY,
                asset.places.get("subject", asset.span),
                f"This subject has {length} bytes; a mail server takes {MOST} at most.",
                "Make it one short sentence.",
            )
