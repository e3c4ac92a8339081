"""A campaign that nobody can leave.

## What it does
Finds campaigns that nothing ends: no `exit.when` and no `goal`, no `exit` or `handoff` step, no `exit` rule, no reply
(`on_reply: stop`), no purchase (`objective: new`, with `sales.won`) and no stage that hands over to Sales.

## Why is this bad?
Contacts stay in it forever: those who bought, those who lost interest, those who already talk to Sales. They get
whatever you add to the campaign later, and nothing says how many were won.

## Example
```yaml
# campaigns/example.yml
campaign: example
title: An example
objective: new
enter:
  when: did("downloaded")
  backfill: false
stages:
  any:
    - send: hello
```
Use instead:
```yaml
# campaigns/example.yml
campaign: example
title: An example
objective: new
enter:
  when: did("downloaded")
  backfill: false
exit:
  when: stage == "customer"
stages:
  any:
    - send: hello
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.funnel import Funnel
from nurture_cli.campaign.model import Campaign, Objective, OnReply
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "no-way-out"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each campaign that no contact ever leaves."""
    for graph in survey.graphs:
        campaign = graph.campaign
        if campaign.exit is not None or campaign.goal is not None:
            continue
        if any(rule.exit is not None for rule in campaign.rules):
            continue
        if any(node.step.ends for node in graph.nodes if node.step is not None):
            continue
        if campaign.on_reply is OnReply.STOP or _ended_by_the_funnel(campaign, survey.funnel):
            continue
        yield Diagnostic(
            ID,
            SEVERITY,
            campaign.span,
            f"Nobody ever leaves campaign `{campaign.name}`: it has no exit, no goal and no exit step.",
            'Say which contacts leave, for example `exit: {when: stage == "customer"}`.',
        )


def _ended_by_the_funnel(campaign: Campaign, funnel: Funnel) -> bool:
    if not campaign.with_sales and any(stage.handoff for stage in funnel.stages):
        return True
    return campaign.objective is Objective.NEW and funnel.won is not None
