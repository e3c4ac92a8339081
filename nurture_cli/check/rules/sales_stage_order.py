"""The stages of Sales are not in the order in which contacts reach them.

## What it does
Compares the stages that hand over with `accepted` and `won` under `sales:`: first the hand-off, then the accepted
leads, then the contacts who bought.

## Why is this bad?
An answer of Sales moves a contact forward only. It moves nobody to an earlier stage, so an accepted lead would still
count as waiting.

## Example
```yaml
# nurture.yml
sales:
  accept_within: 2 business days
  accepted: consideration
  won: customer
stages:
  - awareness
  - consideration
  - stage: decision
    handoff: sales
  - customer
```
Use instead:
```yaml
# nurture.yml
sales:
  accept_within: 2 business days
  accepted: decision
  won: customer
stages:
  - awareness
  - stage: consideration
    handoff: sales
  - decision
  - customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span

ID = "sales-stage-order"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each answer that would not move a contact forward."""
    funnel = survey.funnel
    if funnel.sales is None:
        return
    before: list[tuple[int, str, Span]] = [
        (rank, stage.name, stage.span) for rank, stage in enumerate(funnel.stages) if stage.handoff
    ]
    for key, name in (("accepted", funnel.sales.accepted), ("won", funnel.sales.won)):
        if name is None:
            continue
        place = survey.config.places.get(f"sales.{key}", funnel.sales.span)
        rank = funnel.rank(name)
        for other, earlier, there in before:
            if rank <= other:
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    place,
                    f"`{name}` does not come after `{earlier}`, so nobody moves forward to it from there."
                    if rank < other
                    else f"Contacts are in `{name}` already when this would move them there.",
                    "Contacts are handed over first, then accepted, then won.",
                    ((there, f"`{earlier}` is here"),),
                )
                break
        before.append((rank, name, place))
