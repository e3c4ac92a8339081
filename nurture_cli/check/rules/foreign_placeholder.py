"""A placeholder that nothing fills: a merge field of another tool, or one of ours with a wrong bracket.

## What it does
Finds merge fields such as `*|FNAME|*`, `%FIRSTNAME%`, `[first_name]`, `[[first_name]]`, `<<First Name>>` or
`{FIRST_NAME}`, and variables whose brackets are wrong, such as `{contact.first_name}` or `{ contact.first_name }}`, in
subjects, preheaders, bodies and layouts. It leaves Markdown links and code between backticks alone; to print a bracket
as it is, write `\\[name]` in Markdown.

## Why is this bad?
Readers would see the placeholder instead of their name. `run` does not send such a mail.

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

from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "foreign-placeholder"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each placeholder that nothing fills."""
    for text in survey.texts:
        for found, place in text.unfilled:
            what = "has wrong brackets" if found.ours else "is a placeholder of another tool"
            yield Diagnostic(
                ID,
                SEVERITY,
                place,
                f"`{found.text}` {what}; readers would see it as it is.",
                f"Write it like this: `{found.meant}`",
            )
