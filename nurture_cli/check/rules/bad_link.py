"""A link that cannot work in a mail, or that does harm.

## What it does
Finds links in bodies and layouts that lead nowhere, are relative, leave out the protocol, begin with `javascript:`,
`data:` or the like, or carry a user name or password. It looks at the links in front matter and in nurture.yml, too.
It does not judge what a variable will contain.

## Why is this bad?
A reader who clicks gets nothing, or a warning; filters take such links for phishing and hold back the whole mail.

## Example
```yaml
# templates/hello.md
---
title: Hello
kind: article
subject: Hello from us
---
Read [the guide](/guides/access) or [write to us](mailto:ines@example.com).
```
Use instead:
```yaml
# templates/hello.md
---
title: Hello
kind: article
subject: Hello from us
---
Read [the guide](https://www.example.com/guides/access) or [write to us](mailto:ines@example.com).
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.links import bad_links
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "bad-link"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each link that should reach no reader."""
    for text in survey.texts:
        for wrong, start, end in bad_links(text.text, text.form) if text.form is not None else ():
            yield Diagnostic(
                ID,
                SEVERITY,
                text.place(start, end),
                wrong,
                "Write a whole address, such as `https://www.example.com/page`.",
            )
