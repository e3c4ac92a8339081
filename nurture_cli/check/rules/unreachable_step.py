"""A step that no contact can reach.

## What it does
Finds steps after an `exit`, a `goto`, a branch all of whose arms lead away, or a `stage` step that takes everybody to
another stage's sequence, when no `goto` and no rule leads to them either. It reports only the first of several in a
row.

## Why is this bad?
The assets in it are never sent, and nothing in a plan would tell you. A `stage` step surprises most: a contact who
moves on continues in the new stage's sequence, not below the step. (Only a contact whose stage is later set back by
hand goes on after it.)

## Example
```yaml
# campaigns/example.yml
stages:
  awareness:
    - send: hello
    - stage: consideration
    - send: guide
```
Use instead:
```yaml
# campaigns/example.yml
stages:
  awareness:
    - send: hello
    - stage: consideration
  consideration:
    - send: guide
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.graph import Graph, reach
from nurture_cli.campaign.model import (
    Branch,
    Exit,
    Goto,
    Handoff,
    MoveStage,
    Send,
    SetFacts,
    Split,
    Step,
    Stream,
    Wait,
    WaitFor,
)
from nurture_cli.check.paths import starts
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "unreachable-step"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for the first step of each part that no way leads to."""
    for graph in survey.graphs:
        known = set(reach(graph, starts(graph), survey.leads_to))
        before = {node.next: node.step for node in graph.nodes if node.step}  # the last in the file, if several
        for node in graph.nodes:
            if node.step is None or node.index in known:
                continue
            known |= reach(graph, [node.index], survey.leads_to)
            step = before.get(node.index) or _above(graph, node.index)
            yield Diagnostic(
                ID,
                SEVERITY,
                node.step.span,
                f"No contact reaches this step (`{node.step.id}`).",
                "Remove it, move it to where contacts pass, or lead to it with a `goto` or a rule.",
                () if step is None else ((step.span, _why(step)),),
            )


def _above(graph: Graph, index: int) -> Step | None:
    """The exit or goto that is written right above, in the same sequence."""
    above = graph.nodes[index - 1] if index else None
    if above is None or above.sequence != graph.nodes[index].sequence:
        return None
    return above.step if isinstance(above.step, Exit | Goto) else None


def _why(step: Step) -> str:
    match step:
        case MoveStage():
            return f"everybody goes on in the sequence of stage `{step.stage}` from here"
        case Exit():
            return "everybody leaves the campaign here"
        case Goto():
            return f"everybody goes on at `{step.target}` from here"
        case Branch() | Split() | WaitFor():
            return "all ways out of this step lead elsewhere"
        case Send() | Wait() | Stream() | SetFacts() | Handoff():
            return "this step is not reached either"
