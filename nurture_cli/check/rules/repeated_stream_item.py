"""An item of a stream that never gets its turn.

## What it does
Finds items of a stream whose asset, or a variant of it, comes earlier in the same stream, for everybody or on the same
condition. An earlier item that is written for certain roles leaves room for the later one, and does not count.

## Why is this bad?
The earlier item is sent first, and the asset counts as received from then on: the later one never goes out.

## Example
```yaml
# campaigns/example.yml
stages:
  awareness:
    - stream: [hello, guide, hello]
      every: 1 week
```
Use instead:
```yaml
# campaigns/example.yml
stages:
  awareness:
    - stream: [hello, guide, offer]
      every: 1 week
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.logic import implies
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "repeated-stream-item"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each item that never gets its turn."""
    assets = survey.project.assets
    for graph in survey.graphs:
        for node in graph.nodes:
            items = [offer for offer in node.offers if offer.asset in assets]
            for place, item in enumerate(items):
                for earlier in items[:place]:
                    if assets[earlier.asset].family != assets[item.asset].family or assets[earlier.asset].roles:
                        continue
                    if earlier.condition is None or (
                        item.condition is not None and implies(item.condition.body, earlier.condition.body)
                    ):
                        yield Diagnostic(
                            ID,
                            SEVERITY,
                            item.span,
                            f"`{item.asset}` never gets its turn: `{earlier.asset}` comes earlier in this stream.",
                            "Name another asset, or remove this item.",
                            ((earlier.span, "this one is sent first"),),
                        )
                        break
