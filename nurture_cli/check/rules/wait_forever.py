"""A wait without a time-out.

## What it does
Finds every `wait_for` with `within: forever`.

## Why is this bad?
Contacts who never meet the condition stay at this step forever, and get nothing of what comes after it. Most people do
not click: of a hundred contacts who come here, ninety may stay.

## Example
```yaml
# campaigns/example.yml
stages:
  awareness:
    - send: hello
    - wait_for: clicked("hello")
      within: forever
      then: []
      else: []
    - send: guide
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
      else: []
    - send: guide
```
If you mean it, say so with `# nurture: allow wait-forever` on the line above.
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.model import WaitFor
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "wait-forever"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each `wait_for` that has no end."""
    for graph in survey.graphs:
        for node in graph.nodes:
            if isinstance(node.step, WaitFor) and node.step.within is None:
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    node.step.span,
                    f"Contacts who never meet `{node.step.condition.text}` wait here forever.",
                    "Give it a time, such as `within: 10 days`, and say under `else:` what comes then.",
                )
