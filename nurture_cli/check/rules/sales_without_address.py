"""Briefs go to Sales by mail, but the address is missing.

## What it does
Looks at `sales:` in nurture.yml: when its channel sends mail, there must be `to:`.

## Why is this bad?
A contact would be handed over, nurturing would stop, and the brief could not be sent to anybody.

## Example
```yaml
# nurture.yml
sales:
  channel: mail
  accept_within: 2 business days
  won: customer
```
Use instead:
```yaml
# nurture.yml
sales:
  channel: mail
  to: sales@example.com
  accept_within: 2 business days
  won: customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "sales-without-address"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield one finding when briefs have no address."""
    sales = survey.funnel.sales
    if sales is not None and sales.to is None and survey.config.channels[sales.channel].settings.is_mail:
        yield Diagnostic(
            ID,
            SEVERITY,
            survey.config.places.get("sales.channel", sales.span),
            f"The channel `{sales.channel}` sends mail, but nothing says where briefs go.",
            "Add the mailbox of Sales, for example: `to: sales@example.com`",
        )
