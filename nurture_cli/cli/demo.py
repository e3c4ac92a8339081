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
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="Where to; must not exist yet. Without it: a new scratch folder."),
    ] = None,
) -> None:
    """Let a week pass on the worked example, in a scratch folder, mails as files.

    Twelve sample contacts come in on a Monday in March 2026, and `nurture run` is called every hour while they
    download, click, ask and unsubscribe. Nothing leaves this machine. The folder stays, so that you can look around
    in it with every other command.

    \b
    Examples:
      nurture demo
      nurture demo my-demo
    """
    from nurture_cli.cli.demo_week import Week

    root = Path(tempfile.mkdtemp(prefix="nurture-demo-")) / "harbourline" if folder is None else folder
    for line in Week(root).told():
        output.data(line)
        output.flush()
