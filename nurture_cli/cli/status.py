"""`nurture status`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.inert import inert
from nurture_cli.cli.times import iso, written
from nurture_cli.exit_code import ExitCode
from nurture_cli.plural import how_many

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Config
    from nurture_cli.store.database import Connection
    from nurture_cli.store.runs import Run

app = CommandApp()

RUNS = 5  # of the last runs that are shown
DAY = 86400
KILLED = 128  # codes from here on are those of runs that a signal ended, which say nothing about sending
LASTING = 3600  # seconds after which a mail server that cannot be reached needs a human


@app.command()
def status(
    ctx: typer.Context,
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code",
            help=f"End with {ExitCode.FINDINGS} when runs cannot send, or contacts are stuck in a stage or with Sales.",
        ),
    ] = False,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Show what ran, what is waiting, and what needs a human.

    It also counts contacts who are stuck in a stage, with Sales or at rest, and what the radar noticed in the last 24
    hours. Ends with code 4 when touches are in doubt, also with --exit-code.

    When runs cannot send what is due, they need a human until a run goes through again. Causes are a refused login, a
    missing password or key, an error in a file, the guard, or a clock that was set back. After a refused login, a run
    with nothing to send still logs in, and counts as blocked until the login works. A mail server that nurture cannot
    reach counts after an hour.

    \b
    Examples:
      nurture status
      nurture status --json
      nurture status --exit-code
    """
    from nurture_cli.store.enrollments import count_in_missing_campaigns
    from nurture_cli.store.runs import last_runs

    loaded, config = opening.configured_project(project)
    with opening.reading(loaded, db) as connection:
        runs = last_runs(connection, RUNS)
        facts = _facts(connection) | _funnel(connection, config, ctx.obj.clock.now())
        facts["in_missing_campaigns"] = (
            {} if loaded.errors else count_in_missing_campaigns(connection, loaded.campaigns)
        )
    facts["blocked"] = _blocked(runs, config.zone)
    if json:
        output.document({"at": iso(ctx.obj.clock.now(), config.zone), **facts, "runs": _runs(runs, config.zone)})
    else:
        for line in _lines(facts, runs, config.zone):
            output.prose(line)
    if facts["touches"].get("unknown"):
        raise typer.Exit(ExitCode.IN_DOUBT)
    if exit_code and (facts["blocked"] or facts["stuck"] or facts["unanswered"]):
        raise typer.Exit(ExitCode.FINDINGS)


def _facts(connection: Connection) -> dict[str, Any]:
    from nurture_cli.store.contacts import count_by_stage, count_contacts
    from nurture_cli.store.enrollments import count_ended, count_enrollments
    from nurture_cli.store.requests import count_open_requests
    from nurture_cli.store.suppressions import count_suppressed_contacts, count_suppressions
    from nurture_cli.store.tasks import count_open_tasks
    from nurture_cli.store.touches import count_failed_waiting, count_touches

    return {
        "contacts": count_contacts(connection),
        "stages": count_by_stage(connection),
        "enrollments": count_enrollments(connection),
        "ended": count_ended(connection),
        "touches": count_touches(connection),
        "failed_waiting": count_failed_waiting(connection),
        "suppressed": sum(count_suppressions(connection).values()),
        "suppressed_contacts": count_suppressed_contacts(connection),
        "open_requests": count_open_requests(connection),
        "open_tasks": count_open_tasks(connection),
    }


def _funnel(connection: Connection, config: Config, now: int) -> dict[str, Any]:
    """Contacts who are stuck, by stage; with Sales, by state; at rest; and noticed by the radar, by signal."""
    from nurture_cli.report.forgotten import Promise, breaches
    from nurture_cli.store.funnel import count_alerts, count_at_rest, count_with_sales

    broken = breaches(connection, config, now)
    return {
        "stuck": dict(Counter(one.stage for one in broken if one.promise is Promise.STAGE)),
        "unanswered": sum(one.promise is Promise.HANDOFF for one in broken),
        "with_sales": count_with_sales(connection),
        "at_rest": count_at_rest(connection),
        "radar": count_alerts(connection, since=now - DAY),
    }


def _blocked(runs: list[Run], zone: str) -> dict[str, Any] | None:
    """What keeps runs from sending, and since when; None when the last one went through, or the next may."""
    last = next((run for run in runs if run.ended_at is not None and (run.code or 0) < KILLED), None)
    if last is None or not last.blocked:
        return None
    lasted = (last.ended_at or last.started_at) - last.started_at
    if last.code == ExitCode.BUSY and lasted < LASTING:
        return None
    return {"since": iso(last.started_at, zone), "runs": last.times, "due": last.due, "why": last.ended}


def _runs(runs: list[Run], zone: str) -> list[dict[str, Any]]:
    return [
        {
            "started_at": iso(run.started_at, zone), "ended_at": iso(run.ended_at, zone), "due": run.due,
            "sent": run.sent, "failed": run.failed, "deferred": run.deferred, "unknown": run.unknown,
            "held": run.held, "ended": run.ended, "code": run.code, "blocked": run.blocked, "times": run.times,
        }
        for run in runs
    ]  # fmt: skip


def _lines(facts: dict[str, Any], runs: list[Run], zone: str) -> Iterator[str]:
    touches = facts["touches"]
    stages = ", ".join(f"{inert(stage)} {count:,}" for stage, count in facts["stages"].items())
    suppressed, strangers = facts["suppressed_contacts"], facts["suppressed"] - facts["suppressed_contacts"]
    yield f"Contacts: {facts['contacts']:,}{f' ({stages})' if stages else ''}, {suppressed:,} of them suppressed."
    if strangers:
        one, several = "more suppressed address belongs", "more suppressed addresses belong"
        yield f"{how_many(strangers, one, several)} to no contact."
    for campaign in sorted({*facts["enrollments"], *facts["ended"]}):
        states = facts["enrollments"].get(campaign, {})
        ended = sum(facts["ended"].get(campaign, {}).values())
        stand = {**states, **({"ended": ended} if ended else {})}
        yield f"{inert(campaign)}: {', '.join(f'{count:,} {state}' for state, count in stand.items())}."
    yield f"Touches: {', '.join(f'{state} {count:,}' for state, count in touches.items()) or 'none'}."
    yield from _funnel_lines(facts)
    yield ""
    if runs:
        yield "Last runs:"
        yield from (_run_line(run, zone) for run in runs)
    else:
        yield "Nothing was sent yet."
    needs = list(_needs(facts))
    if needs:
        yield ""
        yield "Needs a human:"
        yield from (f"  {line}" for line in needs)


def _run_line(run: Run, zone: str) -> str:
    came = {"sent": run.sent, "failed": run.failed, "deferred": run.deferred, "in doubt": run.unknown}
    counts = ", ".join(f"{count:,} {name}" for name, count in came.items() if count)
    if run.blocked:
        counts = counts or (f"0 of {run.due:,} sent" if run.due else "nothing sent")
    end = inert(run.ended) if run.ended else "still running, or killed"
    again = f" ({run.times:,} runs, until {written(run.ended_at, zone)})" if run.times > 1 and run.ended_at else ""
    return f"  {written(run.started_at, zone)}{again}  {counts or 'nothing to send'}; {end}"


def _funnel_lines(facts: dict[str, Any]) -> Iterator[str]:
    if facts["with_sales"]:
        yield f"With Sales: {', '.join(f'{count:,} {state}' for state, count in facts['with_sales'].items())}."
    if facts["at_rest"]:
        yield f"At rest after recycling: {facts['at_rest']:,}."
    if facts["radar"]:
        told = ", ".join(f"{inert(signal)} {count:,}" for signal, count in facts["radar"].items())
        yield f"The radar noticed in the last 24 hours: {told}."


def _needs(facts: dict[str, Any]) -> Iterator[str]:
    touches, blocked = facts["touches"], facts["blocked"]
    if blocked:
        yield f"runs cannot send: {inert(blocked['why'])}"
    if touches.get("unknown"):
        doubtful = how_many(touches["unknown"], "touch is", "touches are")
        yield f"{doubtful} in doubt: nurture touches list --state unknown"
    if facts["failed_waiting"]:
        failed = how_many(facts["failed_waiting"], "touch has", "touches have")
        yield f"{failed} failed, and the contacts wait: nurture touches list --state failed"
    for name, count in facts["in_missing_campaigns"].items():
        yield f"{how_many(count, 'contact is', 'contacts are')} in campaign `{inert(name)}`, which has no file any more"
    if facts["stuck"]:
        stages = ", ".join(f"{inert(stage)} {count:,}" for stage, count in facts["stuck"].items())
        stuck = how_many(sum(facts["stuck"].values()), "contact has", "contacts have")
        yield f"{stuck} been too long in a stage ({stages}): nurture stuck"
    if facts["unanswered"]:
        yield f"{how_many(facts['unanswered'], 'lead')} not answered by Sales in time: nurture sales list"
    if facts["open_tasks"]:
        yield f"{how_many(facts['open_tasks'], 'task is', 'tasks are')} open: nurture tasks list"
