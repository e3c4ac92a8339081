"""One tag in two spellings.

## What it does
Finds tags in the campaigns, the funnel and the segments that differ in capitals only.

## Why is this bad?
`VIP` and `vip` are two tags. A condition that asks for one of them does not find contacts with the other.

## Example
```yaml
# campaigns/example.yml
stages:
  awareness:
    - send: hello
    - set:
        tag: Interested
exit:
  when: tag("interested")
```
Use instead:
```yaml
# campaigns/example.yml
stages:
  awareness:
    - send: hello
    - set:
        tag: interested
exit:
  when: tag("interested")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.model import (
    Branch,
    Exit,
    Goto,
    Handoff,
    MoveStage,
    Send,
    SetFacts,
    Split,
    Step,
    Stream,
    Wait,
    WaitFor,
)
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
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span

ID = "tag-case"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each spelling of a tag after the first."""
    first: dict[str, tuple[str, Span]] = {}
    told: set[str] = set()
    for tag, span in sorted(_tags(survey), key=lambda found: found[1]):
        spelling, place = first.setdefault(tag.casefold(), (tag, span))
        if tag != spelling and tag not in told:
            told.add(tag)
            yield Diagnostic(
                ID,
                SEVERITY,
                span,
                f"`{tag}` and `{spelling}` are two tags, because capitals count.",
                "Write it the same way everywhere.",
                ((place, f"`{spelling}` is here"),),
            )


def _tags(survey: Survey) -> Iterator[tuple[str, Span]]:
    for condition in survey.conditions:
        for fact, _ in resting_on(condition.body):
            yield from ((tag, fact.span) for tag in _named_by(fact))
    for graph in survey.graphs:
        for node in graph.nodes:
            if node.step is not None:
                yield from ((tag, node.step.span) for tag in _named_in(node.step))


def _named_by(fact: Fact) -> tuple[str, ...]:
    match fact:
        case HasTag(tag=tag):
            return (tag,)
        case Field() | Measure() | DaysSince() | DaysUntil() | Touches() | Responses() | CompanyPeople():
            return ()
        case Did() | Received() | Burst():
            return ()


def _named_in(step: Step) -> tuple[str, ...]:
    match step:
        case SetFacts(tags=tags, untags=untags):
            return (*tags, *untags)
        case Send() | Wait() | WaitFor() | Stream() | Branch() | Split() | MoveStage() | Goto() | Exit() | Handoff():
            return ()
