"""Two campaigns that divide contacts by a split of the same name.

## What it does
Lists splits in different campaigns with the same `name`.

## Why is this bad?
A hash of the contact and the split's name picks the arm, so two splits of the same name divide contacts in the same
way. That is right when one test runs through several campaigns, and wrong for two different tests, because each then
measures the other as well.

## Example
```yaml
# campaigns/example.yml
stages:
  awareness:
    - split:
        name: tone
        arms:
          plain: {weight: 50, then: [{send: hello}]}
          blunt: {weight: 50, then: [{send: guide}]}
# campaigns/other.yml
stages:
  awareness:
    - split:
        name: tone
        arms:
          plain: {weight: 50, then: [{send: hello}]}
          blunt: {weight: 50, then: [{send: guide}]}
```
Use instead:
```yaml
# campaigns/example.yml
stages:
  awareness:
    - split:
        name: tone
        arms:
          plain: {weight: 50, then: [{send: hello}]}
          blunt: {weight: 50, then: [{send: guide}]}
# campaigns/other.yml
stages:
  awareness:
    - split:
        name: other-tone
        arms:
          plain: {weight: 50, then: [{send: hello}]}
          blunt: {weight: 50, then: [{send: guide}]}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.model import Campaign, Split
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "shared-split-name"
SEVERITY = Severity.NOTE


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each split whose name another campaign has used before."""
    first: dict[str, tuple[Campaign, Split]] = {}
    for graph in survey.graphs:
        for node in graph.nodes:
            if not isinstance(node.step, Split):
                continue
            campaign, split = first.setdefault(node.step.name, (graph.campaign, node.step))
            if campaign is not graph.campaign:
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    node.step.span,
                    f"A split `{split.name}` is also in campaign `{campaign.name}`: contacts get the same arm in both.",
                    "Give it another name, unless the two are one test.",
                    ((split.span, "the other split"),),
                )
