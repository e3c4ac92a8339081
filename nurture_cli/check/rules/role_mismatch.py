"""An asset that goes to roles it was not written for.

## What it does
Finds assets with `roles:` in their front matter that are used under a condition which only contacts in other roles
meet: in an arm of a `branch`, or as an item of a `stream`.

## Why is this bad?
A stream offers an asset only to the roles it is written for, so such an item never goes out. In an arm of a branch it
does go out, to people it was not written for.

## Example
```yaml
# campaigns/example.yml
stages:
  awareness:
    - stream:
        - hello
        - send: business-case
          if: role == "user"
      every: 1 week
```
Use instead:
```yaml
# campaigns/example.yml
stages:
  awareness:
    - stream:
        - hello
        - send: business-case
          if: role == "buyer"
      every: 1 week
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.graph import Graph, steps_of
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
from nurture_cli.check.logic import disjoint
from nurture_cli.check.survey import Survey
from nurture_cli.language.expression import Among, Condition, Field, Literal, Missing, Type
from nurture_cli.language.names import listed
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span

ID = "role-mismatch"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each asset that only people of other roles can come to."""
    for graph in survey.graphs:
        for name, span, condition, outcome in _under_conditions(graph):
            asset = survey.project.assets.get(name)
            if asset is not None and asset.roles and _only_others(condition, asset.roles):
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    span,
                    f"`{name}` is written for {listed(asset.roles)}; only contacts in other roles get here{outcome}.",
                    f"Change the condition, or the `roles` of `{name}`.",
                    (
                        (condition.span, "the condition"),
                        (asset.places.get("roles", asset.span), f"the roles of `{name}`"),
                    ),
                )


def _under_conditions(graph: Graph) -> Iterator[tuple[str, Span, Condition, str]]:
    for node in graph.nodes:
        for offer in node.offers:
            if offer.condition is not None:
                yield offer.asset, offer.span, offer.condition, ", so it is never sent"
        if isinstance(node.step, Branch):
            for arm in node.step.arms:
                for step in steps_of(arm.steps):
                    yield from ((name, span, arm.condition, "") for name, span in _sent_to_everybody(step))


def _sent_to_everybody(step: Step) -> tuple[tuple[str, Span], ...]:
    """What a step sends to every contact; a stream looks at roles itself."""
    match step:
        case Send():
            return ((step.asset, step.asset_span),)
        case (
            Wait() | WaitFor() | Stream() | Branch() | Split() | SetFacts() | MoveStage() | Goto() | Exit() | Handoff()
        ):
            return ()


def _only_others(condition: Condition, roles: tuple[str, ...]) -> bool:
    span = condition.span
    role = Field("role", Type.TEXT, core=True, span=span)
    fitting = Among(role, tuple(Literal(name, Type.TEXT, span) for name in roles), span)
    return disjoint(condition.body, fitting) and disjoint(condition.body, Missing(role, span))
