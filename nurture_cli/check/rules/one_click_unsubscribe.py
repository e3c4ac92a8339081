"""Mail by SMTP without a one-click way to unsubscribe.

## What it does
Notices when a channel of type `smtp` is used for mail and `sender.unsubscribe` has no `url`.

## Why is this bad?
Gmail, Yahoo and others ask senders of marketing mail for the one-click unsubscribe of RFC 8058, which needs an https
address. With a `mailto` alone the button in the reader's program is missing, people press "spam" instead, and your
mails land there for others as well.

### What the url must do
It leads to a page or a script of yours, because nurture serves no web pages. Every mail carries the address, with the
contact's own token in place of `{token}`, in its header and as the link in its text.

- A POST to it with the body `List-Unsubscribe=One-Click` (RFC 8058) unsubscribes. That is what the button of the
  reader's program sends: without cookies, so there is no login, and it is answered with 200, not with a redirect.
- A GET changes nothing: programs that look for viruses open every link of a mail. It shows a page with one button that
  sends the POST.
- The script hands the token over: `nurture unsubscribe TOKEN`. The code is 0 when the contact is unsubscribed, also
  when they were already, and 1 when the token is not from this project. The script may also collect tokens in a file,
  one a line, for `nurture unsubscribe - < tokens.txt`, as long as that runs before the next `nurture run`.

Somebody, or a script, must read the mailbox of `mailto`: the subject of each mail holds the token, and `nurture
unsubscribe` takes the whole subject.

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

from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "one-click-unsubscribe"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding when real mail goes out with a mailto alone."""
    config, sender = survey.config, survey.config.sender
    if sender.unsubscribe_url is not None or sender.unsubscribe_mailto is None:
        return
    if any(config.channels[asset.channel].settings.leaves_machine for asset in survey.mails):
        yield Diagnostic(
            ID,
            SEVERITY,
            config.places["sender.unsubscribe"],
            "Mail goes out by SMTP, but readers cannot unsubscribe from it with one click.",
            "Add `url: https://…/{token}`; `nurture rule one-click-unsubscribe` says what it must do.",
        )
