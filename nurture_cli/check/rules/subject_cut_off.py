"""A subject that mail programs cut off.

## What it does
Finds mails whose subject has more than 78 characters, variables not counted.

## Why is this bad?
A list of mails shows 30 to 70 characters of a subject. Nobody reads what comes later, and a subject without its end
often says something else.

## Example
```yaml
# templates/hello.md
subject: What we learned from forty conversations with plant managers about access, and why it matters for you
```
Use instead:
```yaml
# templates/hello.md
subject: Forty plant managers about access
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.rules.subject_too_long import MOST as TOO_LONG
from nurture_cli.check.survey import Survey
from nurture_cli.check.words import written
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "subject-cut-off"
SEVERITY = Severity.WARNING
MOST = 78


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each subject that is too long to be read."""
    for asset in survey.mails:
        subject = written(asset.subject)
        if len(subject) > MOST and len(subject.encode()) <= TOO_LONG:
            yield Diagnostic(
                ID,
                SEVERITY,
                asset.places.get("subject", asset.span),
                f"This subject has {len(subject)} characters; mail programs show 30 to 70 of them.",
                f"Say it in fewer than {MOST}.",
            )
