"""A sequence for contacts who are with Sales, in a campaign that stops for them.

## What it does
Finds sequences of stages that hand over to Sales, of `sales.accepted`, and of later stages to which only people move
contacts, in campaigns without `with_sales: true`.

## Why is this bad?
Nurturing stops at the hand-off, in every campaign that does not say otherwise. So the sequence does not run for
contacts who reached that stage in the usual way.

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
# campaigns/example.yml
stages:
  awareness:
    - send: hello
  decision:
    - send: offer
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
# campaigns/example.yml
with_sales: true
stages:
  awareness:
    - send: hello
  decision:
    - send: offer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.model import ANY_STAGE
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "sequence-with-sales"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each sequence whose contacts are with Sales."""
    handoff = survey.ways.first_handoff
    names = {stage.name for stage in survey.ways.with_sales}
    for campaign in survey.campaigns:
        for sequence in campaign.sequences:
            if sequence.stage == ANY_STAGE or sequence.stage not in names or handoff is None:
                continue
            if survey.ways.ends_in(campaign, sequence.stage):
                place, name = handoff
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    sequence.span,
                    f"Contacts in `{sequence.stage}` are with Sales, and this campaign stops for them.",
                    "If Sales agrees that it goes on: `with_sales: true`. Otherwise remove the sequence.",
                    ((place, f"{name} hands over"),),
                )
