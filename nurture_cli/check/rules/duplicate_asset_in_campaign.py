"""An asset that every contact has already received by this step.

## What it does
Finds sends of an asset, or of a variant of it, that no contact can reach without passing another send of the same asset
in this campaign. A second send that some contacts reach without the first is fine, and not reported. With `once: no` it
looks only at streams.

## Why is this bad?
No contact gets the same asset twice, so the step counts as done at once and does nothing. Usually the name was copied,
and another asset was meant.

## Example
```yaml
# campaigns/example.yml
stages:
  awareness:
    - send: hello
    - wait: 5 days
    - send: hello
```
Use instead:
```yaml
# campaigns/example.yml
stages:
  awareness:
    - send: hello
    - wait: 5 days
    - send: guide
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from nurture_cli.campaign.graph import Graph, GraphNode, reach
from nurture_cli.campaign.model import (
    Asset,
    Branch,
    Exit,
    Goto,
    Handoff,
    MoveStage,
    Offer,
    Once,
    Send,
    SetFacts,
    Split,
    Step,
    Stream,
    Wait,
    WaitFor,
)
from nurture_cli.check.paths import starts
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "duplicate-asset-in-campaign"
SEVERITY = Severity.WARNING

MOST_PLACES = 10  # at which it is said to be sent before


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each send that comes too late for everybody."""
    assets = survey.project.assets
    for graph in survey.graphs:
        senders = _certain_senders(graph, assets)
        reached = reach(graph, starts(graph), survey.leads_to)
        first: dict[str, frozenset[int]] = {}  # by family, where one comes without having received it
        for sending in survey.sendings_of(graph.campaign):
            family = assets[sending.asset].family
            before = senders.get(family, frozenset()) - {sending.node.index}
            if not before or (graph.campaign.once is Once.NO and isinstance(sending.node.step, Send)):
                continue
            if family not in first:
                first[family] = _reached_without(survey, graph, senders[family])
            if sending.node.index not in reached or sending.node.index in first[family]:
                continue
            earlier = islice((graph.nodes[at].step for at in sorted(before & reached)), MOST_PLACES)
            yield Diagnostic(
                ID,
                SEVERITY,
                sending.span,
                f"Every contact who gets here has already received `{sending.asset}`, so it is not sent again.",
                "Send another asset, or remove the step.",
                tuple((step.span, "it is sent here") for step in earlier if step is not None),
            )


def _reached_without(survey: Survey, graph: Graph, senders: frozenset[int]) -> frozenset[int]:
    """The steps that contacts can reach without having passed one of the senders."""

    def ahead(node: GraphNode) -> tuple[int, ...]:
        return () if node.index in senders else survey.leads_to(node)

    return reach(graph, starts(graph), ahead)


def _certain_senders(graph: Graph, assets: Mapping[str, Asset]) -> dict[str, frozenset[int]]:
    """Asset family -> the steps that no contact passes without having received it."""
    senders: dict[str, set[int]] = {}
    for node in graph.nodes:
        for offer in node.offers:
            asset = assets.get(offer.asset)
            if asset is not None and _is_certain(node.step, offer, asset):
                senders.setdefault(asset.family, set()).add(node.index)
    return {name: frozenset(nodes) for name, nodes in senders.items()}


def _is_certain(step: Step | None, offer: Offer, asset: Asset) -> bool:
    """Whether no contact passes the step without having received the asset that it offers."""
    match step:
        case Stream():
            return step.until is None and offer.condition is None and not asset.roles
        case Send():
            return True
        case Wait() | WaitFor() | Branch() | Split() | SetFacts() | MoveStage() | Goto() | Exit() | Handoff() | None:
            return False
