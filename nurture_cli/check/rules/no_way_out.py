"""A campaign that nobody can leave.

## What it does
Finds campaigns with neither `exit.when` nor `goal`, and without any `exit` step or rule.

## Why is this bad?
Contacts stay in it for ever: those who bought, those who lost interest, those whom Sales talks to already. They get
whatever is added to the files later, and no report can say how many were won.

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

from nurture_cli.campaign.diagnostic import Diagnostic, Severity
from nurture_cli.campaign.model import Exit
from nurture_cli.check.survey import Survey

ID = "no-way-out"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each campaign that nobody leaves."""
    for graph in survey.graphs:
        campaign = graph.campaign
        if campaign.exit is not None or campaign.goal is not None:
            continue
        if any(rule.exit is not None for rule in campaign.rules):
            continue
        if any(isinstance(node.step, Exit) for node in graph.nodes):
            continue
        yield Diagnostic(
            ID,
            SEVERITY,
            campaign.span,
            f"Nobody ever leaves campaign `{campaign.name}`: it has no exit, no goal and no exit step.",
            'Say who leaves, for example `exit: {when: stage == "customer"}`.',
        )
