"""An asset in which nothing is written.

## What it does
Finds assets with nothing, or only blanks and comments, below the front matter.

## Why is this bad?
The reader gets a greeting line from nobody about nothing: only the frame of the mail.

## Example
```yaml
# templates/hello.md
---
title: Hello
kind: article
subject: Hello from us
---
```
Use instead:
```yaml
# templates/hello.md
---
title: Hello
kind: article
subject: Hello from us
---
Here is what you asked for.
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nurture_cli.campaign.diagnostic import Diagnostic, Severity
from nurture_cli.check.survey import Survey

ID = "body-empty"
SEVERITY = Severity.ERROR
COMMENT = re.compile(r"\{#.*?(?:#\}|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each asset without a word of its own."""
    for asset in survey.assets:
        if not COMMENT.sub("", asset.body).strip():
            yield Diagnostic(
                ID,
                SEVERITY,
                asset.span,
                f"`{asset.name}` has no text below its front matter.",
                "Write the message there.",
            )
