"""A sender address that tells people not to answer.

## What it does
Finds addresses such as `noreply@…` or `do-not-reply@…` that replies would go to: `sender.reply_to`, or
`sender.address` when there is no `reply_to`.

## Why is this bad?
A nurture mail asks for a conversation. A reply is the strongest sign of interest there is, and this address throws it
away. Mail programs and filters trust such an address less, too.

## Example
```yaml
# nurture.yml
sender:
  address: no-reply@example.com
```
Use instead:
```yaml
# nurture.yml
sender:
  address: ines@example.com
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "no-reply-sender"
SEVERITY = Severity.WARNING
DEAF = re.compile(r"(no|do?not?|dont)[-._]?(reply|answer|respond)|unattended|nobody", re.IGNORECASE)


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding when replies would go to an address that nobody reads."""
    sender, config = survey.config.sender, survey.config
    key, address = ("sender.reply_to", sender.reply_to) if sender.reply_to else ("sender.address", sender.address)
    if DEAF.match(address.partition("@")[0]) and key in config.places:
        yield Diagnostic(
            ID,
            SEVERITY,
            config.places[key],
            f"Replies go to {address}, which tells people not to answer.",
            "Use an address that somebody reads, at least as `sender.reply_to`.",
        )
