"""Placeholder text that would be sent.

## What it does
Looks at what goes out through `smtp`, or through a webhook that is not on this machine, and finds words that nobody
means to send: `Your Company` or `1 Example Street` as the sender, a subject that is just `TODO`, a line that begins
with `TODO:` or `FIXME:`, `[insert date]`, `[your logo]`, `lorem ipsum dolor`. It does not look at comments and code
(between backticks, in `<code>`): a text about placeholders can show them there.

## Why is this bad?
Everybody on the list would read it. `run` sends nothing through a channel while such words are in nurture.yml or in a
layout, and no asset that has them in it.

## Example
```yaml
# nurture.yml
channels:
  mail:
    type: smtp
    host: smtp.kelp-works.com
# templates/hello.md
subject: TODO
---
Hello {{ contact.first_name | default("there") }},

TODO: say what is new.
```
Use instead:
```yaml
# nurture.yml
sender:
  postal_address: Kelp Works Ltd, 4 Harbour Lane, Bristol
channels:
  mail:
    type: smtp
    host: smtp.kelp-works.com
# templates/hello.md
subject: What is new in March
---
Hello {{ contact.first_name | default("there") }},

the guide has a new chapter.
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.message.stand_ins import StandIn
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "placeholder-text"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each piece of text that nobody would send."""
    for found, span, help in survey.unfinished:
        if found.sort is StandIn.WORDS:
            yield Diagnostic(ID, SEVERITY, span, found.words, help)
