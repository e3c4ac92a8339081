"""An asset that asks contacts to buy long before they are ready.

## What it does
Finds assets whose `kind` is a price, a quote, an offer, a proposal, a trial or a contract, in the sequence of a stage
that is more than one stage away from the one that hands over to Sales. It does not look at the sequence `any`.

## Why is this bad?
First people ask why they should talk to you; why they should buy from you comes much later. An offer that comes before
its time answers a question that nobody has asked.

## Example
```yaml
# nurture.yml
sales:
  accept_within: 2 business days
  won: customer
stages:
  - awareness
  - consideration
  - stage: decision
    handoff: sales
  - customer
# templates/guide.md
kind: price list
# campaigns/example.yml
stages:
  awareness:
    - send: guide
```
Use instead:
```yaml
# nurture.yml
sales:
  accept_within: 2 business days
  won: customer
stages:
  - awareness
  - consideration
  - stage: decision
    handoff: sales
  - customer
# templates/guide.md
kind: price list
# campaigns/example.yml
stages:
  consideration:
    - send: guide
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nurture_cli.campaign.model import ANY_STAGE
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "offer-too-early"
SEVERITY = Severity.NOTE
ASKS_TO_BUY = re.compile(r"\b(?:price|prices|pricing|quote|quotation|offer|proposal|trial|contract)\b", re.IGNORECASE)


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each place at which an asset asks contacts to buy too early."""
    funnel = survey.funnel
    handoff = next((rank for rank, stage in enumerate(funnel.stages) if stage.handoff), 0)
    for sending in survey.sendings:
        asset, stage = survey.project.assets[sending.asset], sending.node.sequence
        if stage == ANY_STAGE or funnel.rank(stage) >= handoff - 1 or not ASKS_TO_BUY.search(asset.kind):
            continue
        yield Diagnostic(
            ID,
            SEVERITY,
            sending.span,
            f"`{asset.name}` asks to buy, but is sent in `{stage}`, long before `{funnel.stages[handoff].name}`.",
            f"Send it in `{funnel.stages[handoff - 1].name}` or later.",
            ((asset.places.get("kind", asset.span), f"it is a {asset.kind}"),),
        )
