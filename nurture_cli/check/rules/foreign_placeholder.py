"""A merge field of another tool.

## What it does
Finds placeholders such as `*|FNAME|*`, `%FIRSTNAME%`, `[[first_name]]` or `{FIRST_NAME}` in subjects, preheaders,
bodies and layouts.

## Why is this bad?
Nobody fills them: the reader would see them as they stand.

## Example
```yaml
# templates/hello.md
---
title: Hello
kind: article
subject: Hello *|FNAME|*
---
Here is what you asked for.
```
Use instead:
```yaml
# templates/hello.md
---
title: Hello
kind: article
subject: Hello {{ contact.first_name | default("there") }}
---
Here is what you asked for.
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.diagnostic import Diagnostic, Severity
from nurture_cli.check.survey import Survey
from nurture_cli.message.piece import Piece
from nurture_cli.message.placeholders import foreign_placeholders

ID = "foreign-placeholder"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each placeholder that is none of ours."""
    for text in survey.texts:
        for found in foreign_placeholders(Piece("", text.text)):
            start = text.start_of(found.line) + found.col - 1
            yield Diagnostic(
                ID,
                SEVERITY,
                text.place(start, start + len(found.text)),
                f"`{found.text}` is a placeholder of another tool, and nobody would fill it.",
                'Write it like this: `{{ contact.first_name | default("there") }}`',
            )
