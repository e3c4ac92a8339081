"""Mail by SMTP without a one-click way to unsubscribe.

## What it does
Notices when a channel of type `smtp` is used for mail and `sender.unsubscribe` has no `url`.

## Why is this bad?
Gmail, Yahoo and others ask senders of marketing mail for the one-click unsubscribe of RFC 8058, which needs an https
address. With a `mailto` alone the button in the reader's program is missing, people press "spam" instead, and your
mails land there for others as well.

## Example
```yaml
# nurture.yml
sender:
  unsubscribe:
    mailto: unsubscribe@example.com
channels:
  mail:
    type: smtp
    host: mail.example.com
```
Use instead:
```yaml
# nurture.yml
sender:
  unsubscribe:
    url: https://www.example.com/unsubscribe/{token}
    mailto: unsubscribe@example.com
channels:
  mail:
    type: smtp
    host: mail.example.com
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.diagnostic import Diagnostic, Severity
from nurture_cli.check.survey import Survey

ID = "one-click-unsubscribe"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding when real mail goes out with a mailto alone."""
    config, sender = survey.config, survey.config.sender
    if sender.unsubscribe_url is not None or sender.unsubscribe_mailto is None:
        return
    if any(config.channels[asset.channel].type == "smtp" for asset in survey.mails):
        yield Diagnostic(
            ID,
            SEVERITY,
            config.places["sender.unsubscribe"],
            "Mail goes out by SMTP, and its readers' programs cannot offer to unsubscribe with one click.",
            "Add `url: https://…/{token}`, an address that unsubscribes by POST.",
        )
