"""`nurture init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nurture_cli.cli import output
from nurture_cli.cli.app import CommandApp

app = CommandApp()


@app.command()
def init(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The project's folder; made when it is not there.")],
    example: Annotated[bool, typer.Option("--example", help="Fill it with the worked example.")] = False,
) -> None:
    """Make a new project in a folder.

    It gets nurture.yml, campaigns/, templates/, a database and the key that unsubscribe links are signed with. In a
    folder that has project files but no database, a fresh clone for instance, only the missing is made. Nothing is
    ever overwritten.

    \b
    Examples:
      nurture init my-programme
      nurture init my-programme --example
    """
    from nurture_cli.cli.new_project import make_project

    made = make_project(folder, example=example, now=ctx.obj.clock.now())
    for name in made:
        output.path(folder / name)
    output.talk(f"The project is ready. Next: cd {folder} && nurture check")
