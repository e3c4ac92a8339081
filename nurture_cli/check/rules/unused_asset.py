"""An asset that no campaign sends.

## What it does
Lists assets that no campaign sends. They still go out to contacts who ask for them (`nurture request`).

## Why is this bad?
It need not be: you may keep a library of assets for requests. But a finished asset that nobody gets is wasted work, and
a misspelt name looks just the same.

## Example
```yaml
# templates/extra.md
title: One more article
```
Use instead:
```yaml
# templates/extra.md
title: One more article
# campaigns/example.yml
stages:
  awareness:
    - send: hello
    - wait: 4 days
    - send: extra
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "unused-asset"
SEVERITY = Severity.NOTE


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each asset that goes out on request only."""
    if not survey.all_campaigns_read:
        return  # a campaign that could not be read may well send it
    for asset in survey.assets:
        if asset.name not in survey.used:
            yield Diagnostic(
                ID,
                SEVERITY,
                asset.places["title"],
                f"No campaign sends `{asset.name}`; it goes out on request only.",
            )
