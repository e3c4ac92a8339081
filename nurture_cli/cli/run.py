"""`nurture run`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp, Surroundings
from nurture_cli.cli.progress import progress, working
from nurture_cli.cli.reasons_view import held_in_words, reasons_in_words
from nurture_cli.cli.times import iso, written
from nurture_cli.clock import Clock
from nurture_cli.errors import NurtureError, WrongUsage
from nurture_cli.exit_code import ExitCode
from nurture_cli.places import DATABASE

if TYPE_CHECKING:
    from nurture_cli.runner.counts import RunCounts
    from nurture_cli.runner.run import Report

app = CommandApp()


@app.command()
def run(
    ctx: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan and send nothing: the same as `nurture plan`.")
    ] = False,
    confirm: Annotated[
        int | None,
        typer.Option(
            "--confirm", metavar="N", min=1, help="Confirm this many messages when a run exceeds `limits.guard`."
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=1, help="Send at most this many messages now, the first in the plan."),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="Show the plan as of this time; only with --dry-run.")
    ] = None,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Do what `plan` says: send what is due.

    You can call it every few minutes: a second run ends at once with code 75, the next run puts in order what a killed
    one left, and nothing is sent twice. It prints one line about what it did; when it did nothing, it prints nothing,
    except on a terminal. Ctrl-C and SIGTERM end it cleanly after the message that is on its way.

    \b
    Examples:
      nurture run
      nurture run --dry-run
      nurture run --limit 1
      nurture run --confirm 1500
    """
    if dry_run:
        _plan_instead(ctx, at=at, json=json, confirm=confirm, limit=limit, project=project, db=db)
        return
    if at is not None:
        raise WrongUsage(
            "`run` acts now and at no other time; --at is only for --dry-run.",
            "`nurture plan --at TIME` shows other times.",
        )
    if not json and not output.is_terminal() and _nothing_to_do(ctx.obj.clock, project, db):
        return
    root = opening.find_root(project)
    with _noting_exceptions(root, root / DATABASE if db is None else db, ctx.obj):
        code = _send(ctx, confirm=confirm, limit=limit, json=json, project=project, db=db)
    raise typer.Exit(code)


@contextmanager
def _noting_exceptions(root: Path, database: Path, surroundings: Surroundings) -> Iterator[None]:
    """Leave a note for `status` when an exception ends the block, unless a signal was the cause."""
    try:
        yield
    except Exception as error:
        from nurture_cli.runner.blocked import note_blocked
        from nurture_cli.store.faults import interrupted

        if not interrupted(error, signalled=surroundings.signalled()):
            note_blocked(root, database, surroundings.clock.now(), error)
        raise


def _send(
    ctx: typer.Context, *, confirm: int | None, limit: int | None, json: bool, project: Path | None, db: Path | None
) -> int:
    from nurture_cli.runner.run import Orders
    from nurture_cli.runner.run import run as send_what_is_due

    loaded, config = opening.sound_project(project)
    opening.announce_waiting()
    with working() as work, progress("Sending") as draw:

        def sending(done: RunCounts, due: int) -> None:
            work.end()
            draw(done.sent + done.failed + done.deferred + done.unknown, due)

        orders = Orders(
            confirmed=confirm,
            limit=limit,
            ask_why=output.is_terminal() and not json,
            tell=work.say,
            progress=sending,
        )
        report = send_what_is_due(loaded, opening.database_path(loaded, db), ctx.obj.clock, orders)
    return _print_report(report, config.zone, json)


def _nothing_to_do(clock: Clock, project: Path | None, db: Path | None) -> bool:
    """The quick answer for cron, before anything is loaded that a run needs."""
    from nurture_cli.runner.idle import nothing_to_do

    root = opening.find_root(project)
    return nothing_to_do(root, root / DATABASE if db is None else db, clock.now())


def _plan_instead(ctx: typer.Context, *, confirm: int | None, limit: int | None, **what: Any) -> None:
    from nurture_cli.cli.plan import show_plan

    if confirm is not None or limit is not None:
        raise WrongUsage("--confirm and --limit say how to send; --dry-run sends nothing.")
    show_plan(ctx.obj, campaign=None, contacts=None, events=None, people=output.is_terminal(), **what)


def _print_report(report: Report, zone: str, json: bool) -> int:
    """Print what the run came to, and return its exit code; what was sent stays sent, even if nobody reads this."""
    code = report.exit_code
    for error in report.done.errors:
        output.complain(error.sentence, error.hint)
    try:
        if json:
            output.document(_record(report, zone))
        elif _did_something(report) or output.is_terminal():
            output.prose(_sentence(report, zone))
            for line in () if _did_something(report) else reasons_in_words(report.why):
                output.prose(line)
        output.flush()
    except output.ReaderGone:
        pass
    except NurtureError as error:
        output.complain(error.sentence, error.hint)
        code = code or error.exit_code
    if code == ExitCode.IN_DOUBT and (_did_something(report) or output.is_terminal()):
        output.talk("See `nurture touches list --state unknown`.")
    elif report.done.failed:
        output.talk("See `nurture touches list --state failed`.")
    return code


def _did_something(report: Report) -> bool:
    done, planned = report.done, report.planned
    sending = done.sent or done.failed or done.deferred or done.unknown or report.leftovers or report.journal_rebuilt
    return bool(sending or planned.moving or planned.handed or planned.signals or done.signal)


def _sentence(report: Report, zone: str) -> str:
    done, leftovers = report.done, report.leftovers
    counts = {
        "sent": done.sent,
        "failed": done.failed,
        "put off": done.deferred,
        "in doubt": report.in_doubt or done.unknown,
        "held back": 0 if report.held else report.planned.held + done.held,
        "found in doubt after an interrupted run": leftovers.in_doubt,
        "to be handed over again": leftovers.again,
        "in doubt and found to have arrived": leftovers.arrived,
        "in doubt for too long and now counted as sent": leftovers.assumed,
        "moved to another stage": sum(report.planned.moving.values()),
        "handed to Sales": report.planned.handed,
        "noticed by the radar": sum(report.planned.signals.values()),
    }
    parts = [f"{count:,} {name}" for name, count in counts.items() if count]
    if done.blocked and report.due:
        parts[: bool(done.sent)] = [f"{done.sent:,} of {report.due:,} sent"]
    elif not (done.sent or done.failed or done.deferred or done.unknown):
        parts.insert(0, "nothing sent" if done.blocked or done.signal is not None else "nothing to send")
    if report.held:
        parts.append(f"{report.planned.held:,} held back: {held_in_words(report.held, zone)}; see `nurture plan`")
    stopped = f" The run was {done.ended}; the next one goes on from there." if done.signal is not None else ""
    rebuilt = " The send journal had lost lines, so nurture rebuilt it." if report.journal_rebuilt else ""
    return f"{written(report.at, zone)}: {', '.join(parts)}.{stopped}{rebuilt}"


def _record(report: Report, zone: str) -> dict[str, Any]:
    done, planned, leftovers = report.done, report.planned, report.leftovers
    return {
        "at": iso(report.at, zone), "due": planned.due, "sent": done.sent, "failed": done.failed,
        "deferred": done.deferred, "unknown": done.unknown, "in_doubt": report.in_doubt,
        "held": planned.held, "held_at_last_look": done.held,
        "entering": planned.entering, "ending": planned.ending, "ended": done.ended,
        "moving": planned.moving, "handed": planned.handed, "returning": planned.returning,
        "signals": planned.signals,
        "troubles": {channel: error.sentence for channel, error in done.closed.items()},
        "recovered": {
            "unclaimed": leftovers.unclaimed, "in_doubt": leftovers.in_doubt, "again": leftovers.again,
            "assumed": leftovers.assumed, "arrived": leftovers.arrived,
        },
        "exit_code": report.exit_code,
    }  # fmt: skip
