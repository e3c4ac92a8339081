"""Contacts are handed to Sales as soon as they enter.

## What it does
Finds `handoff` steps that contacts reach from the beginning of the first stage's sequence, or of `any`, without an
asset, a `wait_for` or a `branch` on the way. It leaves out campaigns whose `enter.when` asks for interest, a grade or
a number of responses.

## Why is this bad?
Filling in a form makes nobody ready to talk to Sales. A contact who goes there directly has read nothing of yours, and
the call starts from zero.

## Example
```yaml
# nurture.yml
sales:
  accept_within: 2 business days
  won: customer
# campaigns/example.yml
stages:
  any:
    - handoff: sales
```
Use instead:
```yaml
# nurture.yml
sales:
  accept_within: 2 business days
  won: customer
# campaigns/example.yml
stages:
  any:
    - send: hello
    - wait_for: clicked("hello")
      within: 5 days
      then:
        - handoff: sales
      else: []
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.graph import GraphNode, conditions_of, reach
from nurture_cli.campaign.model import ANY_STAGE, Campaign, Handoff
from nurture_cli.check.conditions import resting_on
from nurture_cli.check.survey import Survey
from nurture_cli.language.expression import (
    Burst,
    CompanyPeople,
    DaysSince,
    DaysUntil,
    Did,
    Fact,
    Field,
    HasTag,
    Measure,
    Received,
    Responses,
    Touches,
)
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "handoff-at-once"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each hand-off that contacts reach at once."""

    def untouched(node: GraphNode) -> tuple[int, ...]:
        decides = node.step is not None and conditions_of(node.step)
        return () if decides or node.offers else survey.leads_to(node)

    for graph in survey.graphs:
        if _asks_for_interest(graph.campaign):
            continue
        begin = [graph.first[stage] for stage in (survey.config.stages[0], ANY_STAGE) if stage in graph.first]
        for index in sorted(reach(graph, begin, untouched)):
            step = graph.nodes[index].step
            if isinstance(step, Handoff):
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    step.span,
                    "Contacts get here without having received anything from this campaign.",
                    "Send something first, and hand over the contacts who respond to it.",
                )


def _asks_for_interest(campaign: Campaign) -> bool:
    return any(_is_interest(fact) for fact, _ in resting_on(campaign.enter.condition.body))


def _is_interest(fact: Fact) -> bool:
    match fact:
        case Responses() | CompanyPeople():
            return True
        case Measure(name=name):
            return name.fades
        case Field() | DaysSince() | DaysUntil() | Touches():
            return False
        case Did() | Received() | HasTag() | Burst():
            return False
