"""`nurture check`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture_cli.cli import caret, opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.exit_code import ExitCode
from nurture_cli.text.diagnostic import Severity

if TYPE_CHECKING:
    from nurture_cli.project import Project
    from nurture_cli.text.diagnostic import Diagnostic

app = CommandApp()


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


@app.command()
def check(
    ctx: typer.Context,
    form: Annotated[
        Format,
        typer.Option("--format", help="Text, JSON, or annotations for a GitHub workflow."),
    ] = Format.TEXT,
    data: Annotated[bool, typer.Option("--data", help="Also look for forgotten contacts in the database.")] = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Check the project's files.

    It shows all findings at once, each pointing at the exact word, with the rule that found it; `nurture rule` explains
    a rule. It needs no database, except with --data, which also finds contacts who are stuck in a stage, have not been
    written to for long, are in no campaign, are at a step, in a stage or in a campaign that is gone, or do not have a
    fact that an asset prints. It ends with code 1 when there is an error, and with 0 when there are only warnings and
    notes.

    \b
    Examples:
      nurture check
      nurture check --format github
      nurture check --data
      nurture check --format json | jq '.findings[].rule'
    """
    from nurture_cli.check import check as findings_of

    loaded = opening.load_project(project)
    now = ctx.obj.clock.now()
    found = findings_of(loaded, now)
    if data:
        found = (*found, *_in_database(loaded, db, now))
    counts = caret.counted(found)
    match form:
        case Format.JSON:
            output.document(
                {"project": str(loaded.root), "counts": counts, "findings": [caret.as_mapping(one) for one in found]}
            )
        case Format.GITHUB:
            prefix = caret.prefix(loaded.root)
            for one in found:
                output.data(caret.annotation(one, prefix=prefix))
        case Format.TEXT:
            _for_people(loaded, found)
            output.talk(caret.sentence(counts, len(loaded.sources)))
    if counts[Severity.ERROR]:
        raise typer.Exit(ExitCode.FINDINGS)


def _in_database(project: Project, db: Path | None, now: int) -> tuple[Diagnostic, ...]:
    """The findings about contacts, but those that a comment allows; none while files have errors."""
    from nurture_cli.check.allow import Allowances
    from nurture_cli.cli.check_data import check_data

    if project.errors or project.config is None:
        output.talk("The contacts were not checked: fix the errors in the files first.")
        return ()
    with opening.reading(project, db) as connection:
        found = sorted(check_data(project, project.config, connection, now), key=lambda one: one.order)
    allowances = Allowances(project.sources)
    return tuple(one for one in found if not allowances.cover(one))


def _for_people(project: Project, found: tuple[Diagnostic, ...]) -> None:
    source = caret.SourceLines(project.sources)
    prefix = caret.prefix(project.root)
    colour = output.wants_colour()
    for one in found:
        output.data(caret.text(one, source, prefix=prefix, colour=colour) + "\n")
