"""An arm of a branch that nobody can take.

## What it does
Finds arms of a `branch` whose condition is met only by contacts that an earlier arm has already taken.

## Why is this bad?
Arms are tried in file order and the first that holds wins. So no contact ever reaches the steps of the later arm.

## Example
```yaml
# campaigns/example.yml
stages:
  awareness:
    - branch:
        - if: role in ["buyer", "user"]
          then:
            - send: hello
        - if: role == "buyer"
          then:
            - send: offer
        - else: []
```
Use instead:
```yaml
# campaigns/example.yml
stages:
  awareness:
    - branch:
        - if: role == "buyer"
          then:
            - send: offer
        - if: role in ["buyer", "user"]
          then:
            - send: hello
        - else: []
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.model import Branch
from nurture_cli.check.logic import implies
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "unreachable-arm"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each arm whose contacts an earlier one takes."""
    for graph in survey.graphs:
        for node in graph.nodes:
            arms = node.step.arms if isinstance(node.step, Branch) else ()
            for place, arm in enumerate(arms):
                for earlier in arms[:place]:
                    if implies(arm.condition.body, earlier.condition.body):
                        yield Diagnostic(
                            ID,
                            SEVERITY,
                            arm.condition.span,
                            "No contact takes this arm: an earlier one takes everybody who meets this condition.",
                            "Put the narrower condition first, or remove this arm.",
                            ((earlier.condition.span, "the earlier arm"),),
                        )
                        break
