"""A track of recycling whose campaign does nothing for these contacts.

## What it does
Finds tracks whose `then:` is a campaign that is paused, that is for customers, that contacts leave in the stage to
which the way back leads, or that has nothing for that stage.

## Why is this bad?
The contact should get a follow-up, and gets none: nobody calls, nobody writes, nobody notices.

## Example
```yaml
# nurture.yml
stages:
  - awareness
  - consideration
  - stage: decision
    back:
      - to: consideration
        for: [no-budget]
  - customer
recycling:
  no-budget:
    rest: 90 days
    then: example
# campaigns/example.yml
stages:
  awareness:
    - send: hello
```
Use instead:
```yaml
# nurture.yml
stages:
  - awareness
  - consideration
  - stage: decision
    back:
      - to: consideration
        for: [no-budget]
  - customer
recycling:
  no-budget:
    rest: 90 days
    then: example
# campaigns/example.yml
stages:
  awareness:
    - send: hello
  consideration:
    - send: guide
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.model import ANY_STAGE, Campaign, Objective
from nurture_cli.check.stages import in_stage, lets_go
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span

ID = "track-leads-nowhere"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for the first thing that is in the way of each track."""
    for track in survey.funnel.recycling:
        campaign = survey.project.campaigns.get(track.then or "")
        if campaign is None:
            continue
        to = [edge.to for stage in survey.funnel.stages for edge in stage.back if track.reason in edge.reasons]
        for stage in dict.fromkeys(to):
            wrong = _in_the_way(survey, campaign, stage)
            if wrong is not None:
                why, place = wrong
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    track.then_span,
                    f"Contacts who go back to `{stage}` for `{track.reason}` get nothing from `{campaign.name}`:"
                    f" {why}.",
                    "Name another campaign, or change this one.",
                    ((place, "because of this"),),
                )
                break


def _in_the_way(survey: Survey, campaign: Campaign, stage: str) -> tuple[str, Span] | None:
    won = survey.funnel.won
    if campaign.paused:
        return "it is paused", campaign.places.get("paused", campaign.span)
    if campaign.objective is Objective.CUSTOMERS and (won is None or survey.funnel.rank(stage) < won):
        return "it is for customers", campaign.places.get("objective", campaign.span)
    ending = lets_go(campaign, in_stage(stage))
    if ending is not None:
        return "contacts in that stage leave it", ending.span
    if not {stage, ANY_STAGE} & {sequence.stage for sequence in campaign.sequences}:
        return "it has no steps for that stage", campaign.span
    return None
