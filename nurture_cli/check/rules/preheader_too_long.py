"""A preheader that no mail program shows whole.

## What it does
Finds mails whose `preheader` has more than 140 characters, variables not counted.

## Why is this bad?
The preheader is the line behind the subject in a list of mails. Most programs show 35 to 90 characters of it, none
more than about 140; the rest is lost.

## Example
```yaml
# templates/hello.md
preheader: >-
  This preheader goes on and on, long after the last program has stopped showing it, and still has a few more words to
  say about a matter that the subject has named already.
```
Use instead:
```yaml
# templates/hello.md
preheader: What the subject does not say, in one short line.
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.check.words import written
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "preheader-too-long"
SEVERITY = Severity.WARNING
MOST = 140


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each preheader that every mail program cuts off."""
    for asset in survey.mails:
        length = len(written(asset.preheader))
        if length > MOST:
            yield Diagnostic(
                ID,
                SEVERITY,
                asset.places.get("preheader", asset.span),
                f"This preheader has {length} characters; mail programs show {MOST} at most.",
                "Make it one short line.",
            )
