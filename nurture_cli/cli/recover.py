"""`nurture recover`."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture_cli.cli import exits, opening, options, output
from nurture_cli.cli.app import CommandApp

app = CommandApp()


@app.command()
def recover(
    ctx: typer.Context,
    forget_missing: Annotated[
        bool, typer.Option("--forget-missing", help="Leave out sends to people who are gone from here for good.")
    ] = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Bring a restored or outdated database up to what was really sent.

    The send journal beside the database remembers every mail that left. What the database has forgotten, because it
    is a backup from yesterday, becomes a touch in doubt, so that nobody gets it twice; then the code is 4, and
    `nurture touches list --state unknown` shows them. Restore contacts before you recover.

    \b
    Examples:
      nurture recover
    """
    from nurture_cli.places import JOURNAL_FILE
    from nurture_cli.runner.recall import recall
    from nurture_cli.store.database import run_lock

    loaded, _ = opening.configured_project(project)
    path = opening.database_path(loaded, db)
    with run_lock(path), opening.writer_at(loaded.root, path) as connection:
        found = recall(connection, path.with_name(JOURNAL_FILE), ctx.obj.clock.now(), forget_missing=forget_missing)
    output.data(f"{found.in_doubt:,} sends were forgotten and are in doubt now, {found.known:,} were known.")
    if found.missing:
        output.data(f"{found.missing:,} went to people who are gone, and were left out.")
    if found.in_doubt:
        output.talk("See `nurture touches list --state unknown`.")
        raise typer.Exit(exits.IN_DOUBT)
