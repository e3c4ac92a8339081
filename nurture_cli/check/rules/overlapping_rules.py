"""Two rules, or two signals of the radar, with the same condition.

## What it does
Finds rules of one campaign whose conditions are the same. It leaves out two pairs that make sense: rules that go to
steps of different sequences (only the one for the contact's own stage fires), and a rule that moves to a stage followed
by one that goes to a step of that stage. It also finds signals of the radar that have the same condition and both move
contacts.

## Why is this bad?
The first rule that holds wins, but it fires once in a pass, and then the second has its turn. What looks like two
alternatives is a chain. After a rule with `exit`, the second never fires. Two signals both move, in file order.

## Example
```yaml
# campaigns/example.yml
rules:
  - if: did("requested_demo")
    stage: decision
  - if: did("requested_demo")
    exit: talks to Sales
```
Use instead:
```yaml
# campaigns/example.yml
rules:
  - if: did("requested_demo")
    stage: decision
```
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from nurture_cli.campaign.funnel import Signal
from nurture_cli.campaign.graph import Graph
from nurture_cli.campaign.model import CampaignRule
from nurture_cli.check.survey import Survey
from nurture_cli.check.values import shape
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "overlapping-rules"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each rule that repeats the condition of an earlier one."""
    for graph in survey.graphs:
        seen: dict[Hashable, list[CampaignRule]] = {}
        for rule in graph.campaign.rules:
            alike = seen.setdefault(shape(rule.condition.body), [])
            first = next((other for other in alike if not _meant(graph, other, rule)), None)
            alike.append(rule)
            if first is None:
                continue
            yield Diagnostic(
                ID,
                SEVERITY,
                rule.condition.span,
                "An earlier rule has the same condition and an `exit`, so this one never fires."
                if first.exit is not None
                else "An earlier rule has the same condition, so both fire, one after the other.",
                "Keep one of the two, or make their conditions differ.",
                ((first.condition.span, "the earlier rule"),),
            )
    first_signal: dict[Hashable, Signal] = {}
    for signal in survey.funnel.radar:
        if signal.stage is None:
            continue
        first_one = first_signal.setdefault(shape(signal.condition.body), signal)
        if first_one is not signal:
            yield Diagnostic(
                ID,
                SEVERITY,
                signal.condition.span,
                f"The signal `{first_one.name}` has the same condition, and both move these contacts.",
                "Keep one of the two, or make their conditions differ.",
                ((first_one.condition.span, "the earlier signal"),),
            )


def _meant(graph: Graph, first: CampaignRule, second: CampaignRule) -> bool:
    if second.goto is None:
        return False
    target = graph.nodes[graph.by_id[second.goto]].sequence
    if first.goto is not None:
        return graph.nodes[graph.by_id[first.goto]].sequence != target
    return first.stage == target
