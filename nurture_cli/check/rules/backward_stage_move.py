"""A step or rule that would move contacts back to an earlier stage.

## What it does
Finds `stage` steps in the sequence of the same or a later stage, and rules and signals of the radar that move to the
very first stage.

## Why is this bad?
Steps, rules and signals move contacts forward only, so such a step never does anything. A contact moves back only along
a way that `back:` declares, when Sales returns it (`nurture sales reject`), or when you move it yourself (`nurture
contacts set`).

## Example
```yaml
# campaigns/example.yml
stages:
  consideration:
    - send: guide
    - stage: awareness
```
Use instead:
```yaml
# campaigns/example.yml
stages:
  consideration:
    - send: guide
    - stage: decision
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.graph import Graph, steps_of
from nurture_cli.campaign.model import ANY_STAGE, Goto, MoveStage
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "backward-stage-move"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each move that can never happen."""
    order = survey.config.stages
    for graph in survey.graphs:
        visited = _entered_from_elsewhere(graph)
        for sequence in graph.campaign.sequences:
            least = 0 if sequence.stage == ANY_STAGE or sequence.stage in visited else order.index(sequence.stage)
            for step in steps_of(sequence.steps):
                if isinstance(step, MoveStage) and order.index(step.stage) <= least:
                    yield Diagnostic(
                        ID,
                        SEVERITY,
                        step.span,
                        f"This step moves nobody to `{step.stage}`: its contacts are there already, or further on.",
                        "Campaigns only move contacts forward. Remove the step, or name a later stage.",
                    )
        for rule in graph.campaign.rules:
            if rule.stage == order[0]:
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    rule.span,
                    f"This rule moves nobody: `{rule.stage}` is the first stage, and contacts only move forward.",
                    "Remove the rule, or name a later stage.",
                )
    for signal in survey.funnel.radar:
        if signal.stage == order[0]:
            yield Diagnostic(
                ID,
                SEVERITY,
                signal.span,
                f"This signal moves nobody: `{signal.stage}` is the first stage, and contacts only move forward.",
                "Name a later stage, or give it a `task`.",
            )


def _entered_from_elsewhere(graph: Graph) -> set[str]:
    """The sequences into which a goto or a rule leads contacts of other stages."""
    visited = {graph.nodes[graph.by_id[rule.goto]].sequence for rule in graph.campaign.rules if rule.goto is not None}
    for node in graph.nodes:
        if isinstance(node.step, Goto):
            target = graph.nodes[node.way("goto")].sequence
            if target != node.sequence:
                visited.add(target)
    return visited
