"""`nurture adopt`."""

from __future__ import annotations

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.places import DATABASE

app = CommandApp()


@app.command()
def adopt(ctx: typer.Context, project: options.ProjectFolder = None, db: options.Database = None) -> None:
    """Let a database that you moved or copied send from here.

    A run refuses a database that comes from another machine or folder, because the original may still be in use: then
    every mail would go out twice. Run this command once you are sure that the original no longer sends.

    \b
    Examples:
      nurture adopt
    """
    from nurture_cli.store.database import writing
    from nurture_cli.store.instance import adopt as make_ours

    root = opening.find_root(project)
    path = root / DATABASE if db is None else db
    with opening.writer_at(root, path) as connection, writing(connection):
        make_ours(connection, path, ctx.obj.clock.now())
    output.talk(f"{path} now sends from this computer and folder.")
