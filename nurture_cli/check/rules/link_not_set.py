"""A template that prints a link that its asset does not have.

## What it does
Finds `asset.link` in subjects, preheaders and bodies of assets without `link:` in their front matter.

## Why is this bad?
The mail cannot be made, so nobody gets it.

## Example
```yaml
# templates/hello.md
---
title: Hello
kind: article
subject: Hello from us
---
[Read on]({{ asset.link }}).
```
Use instead:
```yaml
# templates/hello.md
---
title: Hello
kind: article
subject: Hello from us
link: https://www.example.com/hello
---
[Read on]({{ asset.link }}).
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.message.guards import unguarded
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "link-not-set"
SEVERITY = Severity.ERROR
LINK = "asset.link"


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each link that is printed and not set."""
    for text in survey.texts:
        if text.asset is None or text.asset.link is not None or text.problem is not None:
            continue
        for name, start in unguarded(text.text):
            if name == LINK:
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    text.place(start, start + len(name)),
                    f"`{text.asset.name}` has no link to print here.",
                    "Add `link: https://…` to its front matter, or write the link itself.",
                )
