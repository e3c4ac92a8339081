"""`nurture cron`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nurture_cli.cli import options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.opening import find_root
from nurture_cli.cli.schedule import EVERY, crontab_line, service, this_program, timer, unit_name
from nurture_cli.errors import WrongUsage

app = CommandApp()


@app.command()
def cron(
    project: options.ProjectFolder = None,
    every: Annotated[int, typer.Option("--every", metavar="MINUTES", help="How often to look.")] = 5,
    systemd: Annotated[bool, typer.Option("--systemd", help="Print a systemd service and timer instead.")] = False,
    write: Annotated[
        Path | None,
        typer.Option("--write", metavar="DIR", help="Write the two units into this folder instead of printing them."),
    ] = None,
) -> None:
    """Print a crontab line, or systemd units, for this project.

    Nothing is installed. A run with nothing to do says nothing, so cron sends you no mail; when something went out,
    it says so in one line.

    \b
    Examples:
      nurture cron
      nurture cron --every 15
      nurture cron --write ~/.config/systemd/user
    """
    root = find_root(project)
    if every not in EVERY:
        raise WrongUsage(
            f"Every {every} minutes does not divide an hour evenly.",
            f"Take one of {', '.join(map(str, EVERY))}.",
        )
    if not str(root).isprintable():
        raise WrongUsage("The folder's name has control characters in it, which no timetable can hold.", "Rename it.")
    program = this_program()
    name = unit_name(root.name)
    units = {f"{name}.service": service(program, root, root.name), f"{name}.timer": timer(root.name, every)}
    if write is not None:
        write.mkdir(parents=True, exist_ok=True)
        for file, text in units.items():
            (write / file).write_text(text, encoding="utf-8")
            output.path(write / file)
        output.talk(f"Then: systemctl --user daemon-reload && systemctl --user enable --now {name}.timer")
    elif systemd:
        for file, text in units.items():
            output.write(f"# {file}\n{text}\n")
    else:
        output.data(crontab_line(program, root, every))
