"""A link that cannot work in a mail, or that does harm.

## What it does
Finds links in the bodies of mails that lead nowhere, are relative, leave out the protocol, begin with `javascript:`,
`data:` or the like, or carry a user name or password. What a variable will contain is not judged.

## Why is this bad?
A reader who clicks gets nothing, or a warning; filters take such links for phishing and keep the whole mail back.

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

from nurture_cli.campaign.diagnostic import Diagnostic, Severity
from nurture_cli.check.links import links, trouble
from nurture_cli.check.survey import Survey

ID = "bad-link"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each link that no reader should get."""
    for asset in survey.mails:
        for link, span, schemes in links(asset):
            wrong = trouble(link, schemes)
            if wrong is not None:
                yield Diagnostic(
                    ID, SEVERITY, span, wrong, "Write the whole address, such as `https://www.example.com/page`."
                )
