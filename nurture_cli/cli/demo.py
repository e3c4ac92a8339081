"""`nurture demo`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from nurture_cli.cli import output
from nurture_cli.cli.app import CommandApp

app = CommandApp()


@app.command()
def demo(
    ctx: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="Folder to make. Default: a new scratch folder."),
    ] = None,
) -> None:
    """Watch a year go by on the worked example, in a scratch folder.

    First a week in which fourteen sample contacts download, click, ask and unsubscribe. Then the whole way of one of
    them: a lead, returned by Sales, kept warm, a lead once more, won, and cared for as a customer. Mails become files:
    nothing leaves this machine. The demo's clock is not yours, so the year takes seconds. The folder stays, so that you
    can look around in it with the other commands.

    \b
    Examples:
      nurture demo
      nurture demo my-demo
    """
    from nurture_cli.cli.demo_town import Town
    from nurture_cli.cli.demo_way import way
    from nurture_cli.cli.demo_week import week

    root = Path(tempfile.mkdtemp(prefix="nurture-demo-")) / "harbourline" if folder is None else folder
    town = Town(root)
    for part in (town.opened(), week(town), way(town), town.left(ctx.obj.clock.now())):
        for line in part:
            output.data(line)
            output.flush()
