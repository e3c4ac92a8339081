"""Mail without a way to unsubscribe.

## What it does
Notices when `sender.unsubscribe` in nurture.yml has neither `url` nor `mailto` although assets go out as mail, and
when a layout of yours, or a mail that brings its own page, never prints `unsubscribe_url`.

## Why is this bad?
Marketing mail without a way out is against the law nearly everywhere, and readers who find none press "spam". `run`
does not send such mail. `nurture rule one-click-unsubscribe` says what `url` and `mailto` must do.

## Example
```yaml
# templates/_layout.txt
{{ body }}

{{ sender.name }}
{{ sender.postal_address }}
```
Use instead:
```yaml
# templates/_layout.txt
{{ body }}

{{ sender.name }}
{{ sender.postal_address }}
Unsubscribe: {{ unsubscribe_url }}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.footer import without
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "missing-unsubscribe"
SEVERITY = Severity.ERROR
LINK = "unsubscribe_url"


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for nurture.yml, for each layout and for each whole page without it."""
    sender = survey.config.sender
    if survey.mails and sender.unsubscribe_url is None and sender.unsubscribe_mailto is None:
        yield Diagnostic(
            ID,
            SEVERITY,
            survey.config.places["sender"],
            "Assets go out as mail, but there is no way to unsubscribe.",
            "Set `sender.unsubscribe`: `url: https://…/{token}`, or at least `mailto: unsubscribe@…`; "
            "`nurture rule one-click-unsubscribe` says what they must do.",
        )
    for span, what in without(survey, lambda text: any(name == LINK for name, _ in text.names)):
        yield Diagnostic(
            ID, SEVERITY, span, f"{what} never prints `{{{{ {LINK} }}}}`.", "Every mail must say how to unsubscribe."
        )
