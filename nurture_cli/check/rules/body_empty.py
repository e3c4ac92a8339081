"""An asset without any text.

## What it does
Finds assets with nothing, or only blanks and comments, below the front matter.

## Why is this bad?
Readers would get an empty mail: only the frame around it.

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

from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

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
