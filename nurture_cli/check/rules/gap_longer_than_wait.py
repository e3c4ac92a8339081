"""A wait that is shorter than the campaign's gap.

## What it does
Finds a `wait` right between two assets, and the cadence of a `stream`, that is shorter than `pace.gap`.

## Why is this bad?
The gap wins: the next asset goes out later than the step says. The file promises one rhythm and keeps another.

## Example
```yaml
# campaigns/example.yml
pace:
  gap: 5 days
stages:
  awareness:
    - send: hello
    - wait: 2 days
    - send: guide
```
Use instead:
```yaml
# campaigns/example.yml
pace:
  gap: 2 days
stages:
  awareness:
    - send: hello
    - wait: 5 days
    - send: guide
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.graph import Graph
from nurture_cli.campaign.model import Send, Stream, Wait
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span
from nurture_cli.timing import Duration

ID = "gap-longer-than-wait"
SEVERITY = Severity.NOTE


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each time that is shorter than the gap of its campaign."""
    for graph in survey.graphs:
        gap = graph.campaign.pace.gap
        if gap is None:
            continue
        for span, duration, word in _times(graph):
            if duration.seconds < gap.seconds:
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    span,
                    f"The gap of {gap.text} holds the next asset back for longer than {word} {duration.text}.",
                    "Make the `pace.gap` of the campaign smaller, or this time longer.",
                )


def _times(graph: Graph) -> Iterator[tuple[Span, Duration, str]]:
    after_send = {node.next for node in graph.nodes if isinstance(node.step, Send)}
    for node in graph.nodes:
        step = node.step
        if isinstance(step, Wait) and node.index in after_send and node.next is not None:
            if isinstance(graph.nodes[node.next].step, Send):
                yield step.span, step.duration, "this wait of"
        elif isinstance(step, Stream) and len(step.offers) > 1:
            yield step.span, step.every, "this cadence of"
