"""A loop that nobody can leave.

## What it does
Finds loops with waits in them from which no step leads out, in a campaign without `exit.when`, `goal` and rules. It
says what a contact would get.

## Why is this bad?
Contacts stay in it for years. With `once: no` they get the same assets again and again; otherwise they get each asset
once and then go round for nothing.

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
  awareness:
    - send: hello
    - wait: 10 days
    - goto: hello
```
Use instead:
```yaml
# campaigns/example.yml
exit:
  when: stage == "customer"
stages:
  awareness:
    - send: hello
    - wait: 10 days
    - goto: hello
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.graph import Graph, onward
from nurture_cli.campaign.model import (
    Branch,
    Exit,
    Goto,
    Handoff,
    MoveStage,
    Once,
    Send,
    SetFacts,
    Split,
    Stream,
    Wait,
    WaitFor,
)
from nurture_cli.check.paths import loops
from nurture_cli.check.survey import Survey
from nurture_cli.plural import how_many
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "loop-without-end"
SEVERITY = Severity.WARNING
YEAR = 365 * 86400


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding at the `goto` that closes each loop with waits and without a way out."""
    for graph in survey.graphs:
        campaign = graph.campaign
        if campaign.exit is not None or campaign.goal is not None or campaign.rules:
            continue
        for loop in loops(graph, survey.leads_to):
            ways = [survey.leads_to(graph.nodes[index]) for index in loop]
            steps = [graph.nodes[index].step for index in loop]
            leaves = any(not way or set(way) - set(loop) for way in ways)
            if leaves or not any(step.waits for step in steps if step is not None):
                continue
            closing = [step for step in steps if isinstance(step, Goto)]
            yield Diagnostic(
                ID,
                SEVERITY,
                closing[-1].target_span,
                f"Nobody ever leaves this loop back to `{closing[-1].target}`. {_what_comes(graph, loop)}",
                "Give the campaign an `exit.when` or a `goal`, or the loop a branch that leads out.",
            )


def _what_comes(graph: Graph, loop: tuple[int, ...]) -> str:
    assets = sum(len(graph.nodes[index].offers) for index in loop)
    if not assets:
        return "Nothing is sent in it."
    sent = how_many(assets, "asset")
    if graph.campaign.once is not Once.NO:
        return f"A contact gets {sent} at most, once each, and then goes round for nothing."
    seconds = _shortest_round(graph, loop)
    if not seconds:
        return f"A contact gets up to {sent} in every round, without end."
    days = max(1, seconds // 86400)
    often = "day" if days == 1 else f"{days} days"
    yearly = how_many(assets * YEAR // seconds, "touch", "touches")
    return f"A contact gets up to {sent} every {often}, {yearly} a year, without end."


def _shortest_round(graph: Graph, loop: tuple[int, ...]) -> int:
    """The shortest time, in seconds, that a round through the loop's last `goto` can take."""
    closing = max(index for index in loop if isinstance(graph.nodes[index].step, Goto))
    begin = graph.nodes[closing].way("goto")
    best = {begin: _least(graph, begin)}
    ahead = [begin]
    while ahead:
        index = ahead.pop()
        for way in onward(graph.nodes[index]):
            time = best[index] + _least(graph, way)
            if way in loop and time < best.get(way, time + 1):
                best[way] = time
                ahead.append(way)
    return best[closing]


def _least(graph: Graph, index: int) -> int:
    match graph.nodes[index].step:
        case Wait(duration=duration):
            return duration.seconds
        case Send() | WaitFor() | Stream() | Branch() | Split() | SetFacts() | MoveStage() | Goto() | Exit():
            return 0
        case Handoff() | None:
            return 0
