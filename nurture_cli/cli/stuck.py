"""`nurture stuck`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.tables import Column, show
from nurture_cli.cli.times import iso, written
from nurture_cli.exit_code import ExitCode

if TYPE_CHECKING:
    from nurture_cli.report.forgotten import Stuck

app = CommandApp()

_COLUMNS = (
    Column("email", "Contact"), Column("stage", "Stage"), Column("promise", "Promise"), Column("owner", "Owner"),
    Column("since", "Since"), Column("due", "Was due"), Column("lacks", "Still needs"),
)  # fmt: skip
_FOR_PEOPLE = ("email", "stage", "owner", "due", "lacks")


@app.command()
def stuck(
    ctx: typer.Context,
    stage: Annotated[
        str | None,
        typer.Option("--stage", metavar="STAGE", help="Limit to one stage."),
    ] = None,
    exit_code: Annotated[
        bool,
        typer.Option("--exit-code", help=f"End with {ExitCode.FINDINGS} when a contact is stuck, with 0 when none is."),
    ] = False,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """List contacts who have been in a stage too long, and what they still need.

    One line for each broken promise of nurture.yml, the oldest first: a contact in a stage of kind sla for longer than
    its `within`, or a hand-off that Sales has not answered in `sales.accept_within`. It also names the criterion of the
    next stage that the contact does not meet; if there are several, their number and the nearest. Days are those of the
    project's zone; business days leave out the `closed:` dates.

    \b
    Examples:
      nurture stuck
      nurture stuck --stage engaged --json | jq -r .email
      nurture stuck --exit-code
    """
    from nurture_cli.report.forgotten import breaches
    from nurture_cli.report.forgotten import stuck as stuck_of

    loaded, config = opening.sound_project(project)
    if stage is not None:
        opening.known("stage", stage, config.stages)
    now, people = ctx.obj.clock.now(), output.is_terminal()
    with opening.reading(loaded, db) as connection:
        found = breaches(connection, config, now, stage)
        told = stuck_of(loaded, connection, now, found)
        if json:
            output.lines(_record(one, config.zone) for one in told)
        else:
            wanted = [number for number, column in enumerate(_COLUMNS) if not people or column.name in _FOR_PEOPLE]
            rows = ([row[number] for number in wanted] for row in _rows(told, config.zone))
            show([_COLUMNS[number] for number in wanted], rows, total=len(found), nothing="No contact is stuck.")
    if exit_code and found:
        raise typer.Exit(ExitCode.FINDINGS)


def _rows(told: Iterator[Stuck], zone: str) -> Iterator[tuple[str, ...]]:
    for one in told:
        breach = one.breach
        yield (
            breach.email, breach.stage, breach.promise, breach.owner or "", written(breach.since, zone),
            written(breach.due, zone), one.lacks,
        )  # fmt: skip


def _record(one: Stuck, zone: str) -> dict[str, Any]:
    breach = one.breach
    return {
        "email": breach.email, "contact": breach.contact_id, "stage": breach.stage, "promise": breach.promise,
        "owner": breach.owner, "since": iso(breach.since, zone), "due": iso(breach.due, zone),
        "lacks": one.lacks, "next_stage": one.next_stage,
        "missing": [
            {"needed": each.needed, "seen": each.seen, "facts": dict(each.facts)} for each in one.missing
        ],
    }  # fmt: skip
