"""A `goto` that leads into the sequence of another stage.

## What it does
Finds `goto` steps whose target is in another stage's sequence.

## Why is this bad?
A contact's stage picks its sequence. A contact who goes on in the steps of another stage without being in that stage
would be in two places at once.

## Example
```yaml
# campaigns/example.yml
stages:
  awareness:
    - send: hello
    - goto: decision/guide
  decision:
    - send: guide
```
Use instead:
```yaml
# campaigns/example.yml
stages:
  awareness:
    - send: hello
    - stage: decision
  decision:
    - send: guide
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.model import Goto
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "goto-other-stage"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each goto that leaves its sequence."""
    for graph in survey.graphs:
        for node in graph.nodes:
            if not isinstance(node.step, Goto):
                continue
            there = graph.nodes[node.way("goto")].sequence
            if there != node.sequence:
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    node.step.target_span,
                    f"`{node.step.target}` is in the sequence of `{there}`, this step in that of `{node.sequence}`.",
                    f"Move the contact with `stage: {there}`: the stage picks the sequence.",
                )
