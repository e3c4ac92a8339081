"""An asset in the sequence of a stage that it was not written for.

## What it does
Finds assets with `stages:` in their front matter that are sent in the sequence of another stage. It does not look at
the sequence `any`.

## Why is this bad?
A price list comes too early for a contact who is looking around, and an introduction too late for one who compares
offers. Either the asset's stages or the place is out of date.

## Example
```yaml
# templates/guide.md
stages: [decision]
# campaigns/example.yml
stages:
  awareness:
    - send: guide
```
Use instead:
```yaml
# templates/guide.md
stages: [awareness, decision]
# campaigns/example.yml
stages:
  awareness:
    - send: guide
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.model import ANY_STAGE
from nurture_cli.check.survey import Survey
from nurture_cli.language.names import listed
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "stage-mismatch"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each asset that is sent in a stage it does not name."""
    for sending in survey.sendings:
        asset, stage = survey.project.assets[sending.asset], sending.node.sequence
        if asset.stages and stage not in (*asset.stages, ANY_STAGE):
            yield Diagnostic(
                ID,
                SEVERITY,
                sending.span,
                f"`{asset.name}` is written for {listed(asset.stages)}, but is sent here in `{stage}`.",
                f"Send another asset here, or add `{stage}` to the `stages` of `{asset.name}`.",
                ((asset.places.get("stages", asset.span), "its stages"),),
            )
