"""An asset in use that has expired.

## What it does
Finds assets whose `expires` date has passed and that a campaign still sends.

## Why is this bad?
An expired asset is skipped: contacts who reach its step go on without it, and get one message fewer than you planned.

## Example
```yaml
# templates/hello.md
expires: 2020-01-31
```
Use instead:
```yaml
# templates/hello.md
expires: 2099-01-31
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity
from nurture_cli.timing import format_instant

ID = "expired-asset"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each asset that is no longer sent; none when no instant was given."""
    if survey.at is None:
        return
    for asset in survey.assets:
        if asset.expires is None or asset.expires > survey.at or asset.name not in survey.used:
            continue
        since = format_instant(asset.expires, survey.config.zone)
        yield Diagnostic(
            ID,
            SEVERITY,
            asset.places.get("expires", asset.span),
            f"`{asset.name}` expired at {since}; contacts who reach it go on without it.",
            "Renew it, set a later date, or take it out of the campaigns.",
            tuple((place.span, "it is used here") for place in survey.used[asset.name]),
        )
