"""A mail without a subject.

## What it does
Finds mails whose `subject` is missing or blank.

## Why is this bad?
A mail without a subject is taken for an accident or for spam, and `run` refuses to send it.

## Example
```yaml
# templates/hello.md
subject: ""
```
Use instead:
```yaml
# templates/hello.md
subject: Hello from us
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "subject-empty"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each mail that has no subject."""
    for asset in survey.mails:
        if not asset.subject.strip():
            yield Diagnostic(
                ID,
                SEVERITY,
                asset.places.get("subject", asset.span),
                f"`{asset.name}` goes out as mail and has no subject.",
                "Write one under `subject:` in its front matter.",
            )
