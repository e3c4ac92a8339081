"""Two assets in a row with no time between them.

## What it does
Finds places where one asset follows another somewhere in a sequence, with no `wait`, `wait_for` or `stream` between
them, in a campaign without `pace.gap`.

## Why is this bad?
Nobody reads two mails at once; the second takes attention away from the first. Only the general limit per contact keeps
the two apart, which usually means one today and one tomorrow at the same hour.

## Example
```yaml
# campaigns/example.yml
pace: {}
stages:
  awareness:
    - send: hello
    - send: guide
```
Use instead:
```yaml
# campaigns/example.yml
pace: {}
stages:
  awareness:
    - send: hello
    - wait: 3 days
    - send: guide
```
Or set the smallest time between any two touches of the campaign once: `pace: {gap: 3 days}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.graph import GraphNode
from nurture_cli.campaign.model import Send
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "fast-track"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each asset that is sent right after another one."""

    def at_once(node: GraphNode) -> tuple[int, ...]:
        rests = node.step is not None and node.step.waits
        return () if rests or node.offers else survey.leads_to(node)

    mails = {asset.name for asset in survey.mails}
    for graph in survey.graphs:
        if graph.campaign.pace.gap is not None:
            continue
        hurried: dict[int, Send] = {}
        for node in graph.nodes:
            if isinstance(node.step, Send) and node.step.asset in mails:
                ahead = list(survey.leads_to(node))
                while ahead:
                    index = ahead.pop()
                    if index not in hurried:  # else an earlier mail has been everywhere from there
                        hurried[index] = node.step
                        ahead += at_once(graph.nodes[index])
        for index, earlier in sorted(hurried.items()):
            step = graph.nodes[index].step
            if isinstance(step, Send) and step.asset in mails:
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    step.asset_span,
                    f"`{step.asset}` follows `{earlier.asset}` without any time between them.",
                    "Put a `wait` between them, or set `pace.gap`.",
                    ((earlier.asset_span, f"`{earlier.asset}` is sent here"),),
                )
