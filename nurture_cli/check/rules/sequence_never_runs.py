"""A sequence for a stage in which contacts leave the campaign.

## What it does
Finds sequences of stages that fulfil the campaign's own `exit.when` or `goal.when`, and, in campaigns for new contacts,
those of the stage of contacts who bought (`sales.won`) and later ones; and sequences of gates.

## Why is this bad?
Contacts who reach that stage leave the campaign at that moment, so its sequence never runs.

## Example
```yaml
# campaigns/example.yml
exit:
  when: stage in ["decision", "customer"]
stages:
  awareness:
    - send: hello
  decision:
    - send: guide
```
Use instead:
```yaml
# campaigns/example.yml
exit:
  when: stage == "customer"
stages:
  awareness:
    - send: hello
  decision:
    - send: guide
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.model import ANY_STAGE, Objective
from nurture_cli.check.stages import in_stage, lets_go
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "sequence-never-runs"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each sequence whose stage ends the campaign."""
    won = survey.funnel.won
    for campaign in survey.campaigns:
        for sequence in campaign.sequences:
            if sequence.stage == ANY_STAGE:
                continue
            if survey.funnel.by_name[sequence.stage].is_gate:
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    sequence.span,
                    f"This sequence never runs: `{sequence.stage}` is a gate, and nobody stays there.",
                    "Move it to the stage behind the gate.",
                    ((survey.funnel.by_name[sequence.stage].span, "the gate"),),
                )
                continue
            if campaign.objective is Objective.NEW and won is not None and survey.funnel.rank(sequence.stage) >= won:
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    sequence.span,
                    f"This sequence never runs: contacts in `{sequence.stage}` leave all campaigns for new contacts.",
                    "Move it to a campaign with `objective: customers`.",
                    ((survey.config.places.get("sales.won", sequence.span), "the stage of contacts who bought"),),
                )
                continue
            ending = lets_go(campaign, in_stage(sequence.stage))
            if ending is not None:
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    sequence.span,
                    f"This sequence never runs: contacts in `{sequence.stage}` leave the campaign at once.",
                    "Remove the sequence, or the stage from the condition.",
                    ((ending.span, "this holds for everybody in that stage"),),
                )
