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

from nurture_cli.campaign.model import SetFacts
from nurture_cli.check.conditions import facts
from nurture_cli.check.survey import Survey
from nurture_cli.language.expression import HasTag
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
        for fact, _ in facts(condition.body):
            if isinstance(fact, HasTag):
                yield fact.tag, fact.span
    for graph in survey.graphs:
        for node in graph.nodes:
            if isinstance(node.step, SetFacts):
                for tag in (*node.step.tags, *node.step.untags):
                    yield tag, node.step.span
