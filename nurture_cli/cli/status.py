"""`nurture status`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from nurture_cli.cli import exits, opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.inert import inert
from nurture_cli.cli.times import iso, written

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection
    from nurture_cli.store.runs import Run

app = CommandApp()

RUNS = 5  # of the last runs that are shown


@app.command()
def status(
    ctx: typer.Context, json: options.Json = False, project: options.ProjectFolder = None, db: options.Database = None
) -> None:
    """Show what ran, what is waiting, and what needs a human.

    Ends with code 4 when touches are in doubt.

    \b
    Examples:
      nurture status
      nurture status --json
    """
    from nurture_cli.store.runs import last_runs

    loaded, config = opening.configured_project(project)
    with opening.reading(loaded, db) as connection:
        facts = _facts(connection)
        runs = last_runs(connection, RUNS)
    if json:
        output.document({"at": iso(ctx.obj.clock.now(), config.zone), **facts, "runs": _runs(runs, config.zone)})
    else:
        for line in _lines(facts, runs, config.zone):
            output.data(line)
    if facts["touches"].get("unknown"):
        raise typer.Exit(exits.IN_DOUBT)


def _facts(connection: Connection) -> dict[str, Any]:
    from nurture_cli.store.contacts import count_by_stage, count_contacts
    from nurture_cli.store.enrollments import count_ended, count_enrollments
    from nurture_cli.store.requests import open_requests
    from nurture_cli.store.suppressions import count_suppressions
    from nurture_cli.store.tasks import list_tasks
    from nurture_cli.store.touches import count_touches

    return {
        "contacts": count_contacts(connection),
        "stages": count_by_stage(connection),
        "enrollments": count_enrollments(connection),
        "ended": count_ended(connection),
        "touches": count_touches(connection),
        "suppressed": sum(count_suppressions(connection).values()),
        "open_requests": len(open_requests(connection)),
        "open_tasks": len(list_tasks(connection)),
    }


def _runs(runs: list[Run], zone: str) -> list[dict[str, Any]]:
    return [
        {
            "started_at": iso(run.started_at, zone), "ended_at": iso(run.ended_at, zone), "due": run.due,
            "sent": run.sent, "failed": run.failed, "deferred": run.deferred, "unknown": run.unknown,
            "held": run.held, "ended": run.ended,
        }
        for run in runs
    ]  # fmt: skip


def _lines(facts: dict[str, Any], runs: list[Run], zone: str) -> Iterator[str]:
    touches = facts["touches"]
    stages = ", ".join(f"{inert(stage)} {count:,}" for stage, count in facts["stages"].items())
    yield f"Contacts: {facts['contacts']:,}{f' ({stages})' if stages else ''}, {facts['suppressed']:,} suppressed."
    for campaign in sorted({*facts["enrollments"], *facts["ended"]}):
        states = facts["enrollments"].get(campaign, {})
        ended = sum(facts["ended"].get(campaign, {}).values())
        stand = {**states, **({"ended": ended} if ended else {})}
        yield f"{inert(campaign)}: {', '.join(f'{count:,} {state}' for state, count in stand.items())}."
    yield f"Touches: {', '.join(f'{state} {count:,}' for state, count in touches.items()) or 'none'}."
    yield ""
    if runs:
        yield "Last runs:"
        for run in runs:
            came = {"sent": run.sent, "failed": run.failed, "deferred": run.deferred, "in doubt": run.unknown}
            counts = ", ".join(f"{count:,} {name}" for name, count in came.items() if count) or "nothing to send"
            end = inert(run.ended) if run.ended else "still on, or killed"
            yield f"  {written(run.started_at, zone)}  {counts}; {end}"
    else:
        yield "Nothing ran yet."
    needs = list(_needs(facts))
    if needs:
        yield ""
        yield "Needs a human:"
        yield from (f"  {line}" for line in needs)


def _needs(facts: dict[str, Any]) -> Iterator[str]:
    touches = facts["touches"]
    if touches.get("unknown"):
        yield f"{touches['unknown']:,} in doubt: nurture touches list --state unknown"
    if touches.get("failed"):
        yield f"{touches['failed']:,} failed: nurture touches list --state failed"
    if facts["open_tasks"]:
        yield f"{facts['open_tasks']:,} to do: nurture tasks list"
