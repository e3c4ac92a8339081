"""Stages for which a campaign has nothing.

## What it does
Lists the stages for which a campaign has no sequence and no `any`. It leaves out gates, stages in which contacts leave
the campaign (by its `exit` or `goal`, to Sales, or because they bought), and stages before the first that has a
sequence.

## Why is this bad?
A contact who moves to such a stage, by another campaign or by hand, stays in the campaign and rests there without
getting anything. Often you want that; then an exit says it better.

## Example
```yaml
# campaigns/example.yml
exit:
  when: stage == "customer"
stages:
  awareness:
    - send: hello
  consideration:
    - send: guide
```
Use instead:
```yaml
# campaigns/example.yml
exit:
  when: stage in ["decision", "customer"]
stages:
  awareness:
    - send: hello
  consideration:
    - send: guide
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.model import ANY_STAGE
from nurture_cli.check.stages import in_stage, lets_go
from nurture_cli.check.survey import Survey
from nurture_cli.language.names import listed
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "stage-not-covered"
SEVERITY = Severity.NOTE


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield one finding for each campaign that leaves stages out."""
    order = survey.config.stages
    for campaign in survey.campaigns:
        covered = {sequence.stage for sequence in campaign.sequences}
        if ANY_STAGE in covered or not covered:
            continue
        first = min(order.index(stage) for stage in covered)
        open_stages = [
            stage
            for stage in order[first:]
            if stage not in covered
            and not survey.funnel.by_name[stage].is_gate
            and not lets_go(campaign, in_stage(stage))
            and not survey.ways.ends_in(campaign, stage)
        ]
        if open_stages:
            yield Diagnostic(
                ID,
                SEVERITY,
                campaign.span,
                f"Campaign `{campaign.name}` has nothing for contacts in {listed(open_stages)}: they rest there.",
                "Write sequences for them or one for `any`, or let them go with `exit.when`.",
            )
