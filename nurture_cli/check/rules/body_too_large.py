"""A mail that mail programs cut off.

## What it does
Finds mails whose body has more than 100,000 bytes.

## Why is this bad?
Gmail shows the first 102 kB of a mail and hides the rest behind a link, and with the rest your unsubscribe link. Most
often a picture was pasted into the text.

## Example
A template of 100,000 bytes or more, for instance with a picture written into it as `data:image/png;base64,…`.

Use instead a picture on your web site:
```html
<img src="https://www.example.com/pictures/gateway.png" alt="The gateway">
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "body-too-large"
SEVERITY = Severity.WARNING
MOST = 100_000


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each body that will not be shown whole."""
    for asset in survey.mails:
        size = len(asset.body.encode())
        if size > MOST:
            yield Diagnostic(
                ID,
                SEVERITY,
                asset.span,
                f"The text of `{asset.name}` has {size:,} bytes; mail programs cut it off after about {MOST:,}.",
                "Put pictures on your web site, and long texts behind a link.",
            )
