"""`nurture sales`: the group, the queue and the brief."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.sales_answers import accept, lost, reject, won
from nurture_cli.cli.tables import Cell, Column, show
from nurture_cli.cli.times import iso, written
from nurture_cli.errors import InputOutput
from nurture_cli.exit_code import ExitCode
from nurture_cli.plural import how_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nurture_cli.campaign.model import Config
    from nurture_cli.report.leads import Lead

app = CommandApp()

_COLUMNS = (
    Column("email", "Contact"), Column("name", "Name"), Column("company", "Company"), Column("sort", "Sort"),
    Column("grade", "Grade"), Column("fit", "Fit", right=True), Column("interest", "Interest", right=True),
    Column("stage", "Stage"), Column("state", "State"), Column("since", "Since"), Column("due_by", "Answer due by"),
    Column("overdue", "Overdue"), Column("answered_at", "Answered"), Column("closed_at", "Closed"),
    Column("reason", "Reason"), Column("value", "Value", right=True),
)  # fmt: skip
_FOR_PEOPLE = ("email", "company", "sort", "grade", "fit", "interest", "state", "since", "due_by")
_CLOSED_TOO = (*_FOR_PEOPLE, "closed_at", "reason", "value")

ClosedToo = Annotated[bool, typer.Option("--all", help="Include closed leads (won, lost, rejected).")]


@app.callback()
def sales() -> None:
    """Hand leads to Sales: the queue, the brief, and the answers.

    A contact is handed over where nurture.yml says `handoff: sales`. Until Sales closes it, campaigns leave it alone.
    """


@app.command(name="list")
def list_(
    ctx: typer.Context,
    every: ClosedToo = False,
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code", help=f"End with {ExitCode.FINDINGS} when an answer is overdue, with 0 when none is."
        ),
    ] = False,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """List the leads in the queue of Sales, the best first.

    Leads that wait for an answer come first, then those that Sales accepted. Both are sorted by grade, then by
    interest, then by how long they have waited. An answer is overdue after `accept_within` of nurture.yml, in the
    project's zone.

    \b
    Examples:
      nurture sales list
      nurture sales list --all --json
      nurture sales list --exit-code > /dev/null || echo "Sales is late"
    """
    from nurture_cli.report.leads import leads

    loaded, config = opening.configured_project(project)
    with opening.reading(loaded, db) as connection:
        found = leads(connection, config, ctx.obj.clock.now(), closed_too=every)
    people = not json and output.is_terminal()
    wanted = [column.name for column in _COLUMNS] if not people else _CLOSED_TOO if every else _FOR_PEOPLE
    columns = [column for column in _COLUMNS if column.name in wanted]
    rows = (_for_people(lead, config) if people else _row(lead, config, iso if json else written) for lead in found)
    show(
        columns,
        ([row[column.name] for column in columns] for row in rows),
        json=json,
        head=None,
        nothing="No contact is with Sales.",
    )
    late = sum(lead.overdue for lead in found)
    if people and late:
        output.talk(f"{how_many(late, 'answer is', 'answers are')} overdue.")
    if exit_code and late:
        raise typer.Exit(ExitCode.FINDINGS)


def _for_people(lead: Lead, config: Config) -> dict[str, Cell]:
    """A row whose due time says when the answer is overdue."""
    row = _row(lead, config, written)
    return row | {"due_by": f"{row['due_by']}: overdue"} if lead.overdue else row


def _row(lead: Lead, config: Config, time: Callable[[int | None, str], str | None]) -> dict[str, Cell]:
    contact, handoff, ready = lead.contact, lead.handoff, lead.readiness
    return {
        "email": contact.email,
        "name": " ".join(part for part in (contact.first_name, contact.last_name) if part),
        "company": contact.company,
        "sort": handoff.sort,
        "grade": ready.grade,
        "fit": ready.fit,
        "interest": ready.interest,
        "stage": contact.stage,
        "state": handoff.state,
        "since": time(handoff.at, config.zone),
        "due_by": time(lead.due_by, config.zone),
        "overdue": lead.overdue,
        "answered_at": time(handoff.answered_at, config.zone),
        "closed_at": time(handoff.closed_at, config.zone),
        "reason": handoff.reason,
        "value": _amount(handoff.value),
    }


def _amount(value: float | None) -> float | None:
    return int(value) if value is not None and value.is_integer() else value


@app.command()
def export(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Output file, readable only by you. Default: standard output."),
    ] = None,
    every: ClosedToo = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="Write cells as they are, even if a spreadsheet would run them as formulas.")
    ] = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Export the queue as CSV.

    For spreadsheets and other systems. A cell that a spreadsheet would run as a formula gets an apostrophe in front.

    \b
    Examples:
      nurture sales export leads.csv
      nurture sales export --all > leads.csv
    """
    from nurture_cli.report.leads import leads
    from nurture_cli.store.private import replacing

    loaded, config = opening.configured_project(project)
    with opening.reading(loaded, db) as connection:
        found = leads(connection, config, ctx.obj.clock.now(), closed_too=every)
    if file is None:
        _write(output.Standard(), found, config, raw)
        return
    try:
        with replacing(file) as target:
            _write(target, found, config, raw)
    except OSError as error:
        raise InputOutput(f"{file} cannot be written: {error.strerror}.") from error
    output.talk(f"Wrote {how_many(len(found), 'lead')} to {file}.")


def _write(target: Any, found: Iterable[Lead], config: Config, raw: bool) -> None:
    from nurture_cli.inbound.cells import guarded

    rows = csv.writer(target)
    rows.writerow([column.name for column in _COLUMNS])
    for lead in found:
        cells = _row(lead, config, iso) | {"overdue": "yes" if lead.overdue else "no"}
        rows.writerow(cell if raw or not isinstance(cell, str) else guarded(cell) for cell in cells.values())


@app.command()
def brief(
    ctx: typer.Context,
    email: options.Email,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Print everything Sales needs to know about a lead, as Markdown.

    It says who the contact is and why they were handed over, fit and interest with what they are made of, questions
    that are still open and how to begin, colleagues, every message and response. For a contact who was handed over
    several times, the brief is about the last time.

    \b
    Examples:
      nurture sales brief ann@example.com
      nurture sales brief ann@example.com --json
    """
    from nurture_cli.report.brief import make_brief
    from nurture_cli.report.brief_record import as_record
    from nurture_cli.report.brief_text import markdown
    from nurture_cli.store.sales import last_handoff

    loaded, config = opening.configured_project(project)
    with opening.reading(loaded, db) as connection:
        contact = opening.contact(loaded, connection, email)
        handoff = last_handoff(connection, contact)
        made = make_brief(connection, config, loaded.assets, handoff, ctx.obj.clock.now())
    if json:
        output.document(as_record(made))
    else:
        output.write(markdown(made))


app.command()(accept)
app.command()(reject)
app.command()(lost)
app.command()(won)
