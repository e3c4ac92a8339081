"""A loop in which nobody ever waits.

## What it does
Finds loops (made with `goto`) that contacts can go round without waiting: no `wait`, and no `wait_for` that makes them
wait each time they come to it. On the next round, a `wait_for` whose condition has come true does not hold contacts,
unless it says `since: arrival` and waits for an event; neither does a `stream` when they have received all of it.

## Why is this bad?
A contact would go round without end within one run. `run` would stop it at its step limit and hold the contact.

## Example
```yaml
# campaigns/example.yml
stages:
  awareness:
    - send: hello
    - id: again
      branch:
        - if: clicked("hello")
          then: []
        - else:
            - goto: again
```
Use instead:
```yaml
# campaigns/example.yml
stages:
  awareness:
    - send: hello
    - wait_for: clicked("hello")
      within: 10 days
      then: []
      else:
        - exit: no interest
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.graph import GraphNode
from nurture_cli.campaign.model import Goto, Since, WaitFor
from nurture_cli.check.conditions import has_event
from nurture_cli.check.paths import loops
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "loop-without-wait"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding at the `goto` that closes each loop in which no time passes."""

    def at_once(node: GraphNode) -> tuple[int, ...]:
        step = node.step
        if isinstance(step, WaitFor):
            waits_again = step.since is Since.ARRIVAL and has_event(step.condition.body)
            return () if waits_again else (node.way("then"),)
        return () if step is not None and step.waits else survey.leads_to(node)

    for graph in survey.graphs:
        for loop in loops(graph, at_once):
            closing = [step for index in loop if isinstance(step := graph.nodes[index].step, Goto)]
            first = graph.nodes[loop[0]].step
            if not closing or first is None:
                raise AssertionError("only a goto leads back")
            yield Diagnostic(
                ID,
                SEVERITY,
                closing[-1].target_span,
                f"This goes back to `{closing[-1].target}`, and contacts can go round without waiting.",
                "Put a `wait` into the loop, or let everybody go on instead of back.",
                ((first.span, "the loop begins here"),),
            )
