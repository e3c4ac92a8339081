"""`nurture cron`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.schedule import EVERY, crontab_line, service, signature, this_program, timer, unit_name
from nurture_cli.errors import Refused, WrongUsage

app = CommandApp()


@app.command()
def cron(
    project: options.ProjectFolder = None,
    every: Annotated[int, typer.Option("--every", metavar="MINUTES", help="Minutes between two runs.")] = 5,
    systemd: Annotated[bool, typer.Option("--systemd", help="Print a systemd service and timer instead.")] = False,
    write: Annotated[
        Path | None,
        typer.Option("--write", metavar="DIR", help="Write the two units into this folder instead of printing them."),
    ] = None,
) -> None:
    """Print a crontab line, or systemd units, for this project.

    Nothing is installed. A run with nothing to do says nothing, so cron sends you no mail; when something went out,
    it says so in one line.

    A job does not see the variables of your shell. If a channel reads its password or secret from a variable
    (`password_env`, `secret_env`), the job reads that variable from a file that only you can read; the command says
    which file to make and what to write into it. A `password_file` needs nothing more.

    \b
    Examples:
      nurture cron
      nurture cron --every 15
      nurture cron --write ~/.config/systemd/user
    """
    from nurture_cli.delivery.secrets import insist_on_private_variables

    root = opening.find_root(project)
    if every not in EVERY:
        raise WrongUsage(
            f"Every {every} minutes does not divide an hour evenly.",
            f"Choose from: {', '.join(map(str, EVERY))}.",
        )
    if not str(root).isprintable():
        raise WrongUsage(
            "The folder's name has control characters in it, which neither cron nor systemd can read.", "Rename it."
        )
    if (systemd or write is not None) and (str(root) != str(root).strip() or str(root).endswith("\\")):
        raise WrongUsage(
            "The folder's name ends in a space or a backslash, which systemd does not take as part of it.",
            "Rename the folder, or use the crontab line.",
        )
    needed = _variables(root)
    secrets = environment_file(root) if needed else None
    program, name = this_program(), unit_name(root)
    units = {f"{name}.service": service(program, root, secrets), f"{name}.timer": timer(root, every)}
    if secrets is not None:
        insist_on_private_variables(secrets)
    if write is not None:
        _write(units, write, root)
    elif systemd:
        for file, text in units.items():
            output.write(f"# {file}\n{text}\n")
    else:
        output.data(crontab_line(program, root, every, secrets))
    if secrets is not None:
        _speak_of_secrets(needed, secrets)
    if write is not None:
        output.talk(f"Then: systemctl --user daemon-reload && systemctl --user enable --now {name}.timer")


def _variables(root: Path) -> Mapping[str, Sequence[str]]:
    """The variables that the project's channels need, each with these channels."""
    from nurture_cli.delivery.secrets import variables

    config = opening.load_project(root).config
    if config is None:
        output.talk(
            "nurture.yml has errors (see `nurture check`), so nurture cannot tell whether the job needs a password. "
            "Run `nurture cron` again when they are fixed."
        )
        return {}
    return variables(config.channels.values())


def environment_file(root: Path) -> Path:
    """The file with the job's variables: outside the project, so that it never gets into version control."""
    from nurture_cli.delivery.secrets import configuration_file

    file = configuration_file(os.environ).absolute().with_name(f"{unit_name(root)}.env")
    if not str(file).isprintable():
        raise WrongUsage(
            "The name of your configuration folder has control characters in it, which neither cron nor systemd can"
            " read.",
            "Set XDG_CONFIG_HOME to another folder.",
        )
    return file


def _write(units: Mapping[str, str], folder: Path, root: Path) -> None:
    """Write the units, all of them or none; raises Refused where a file of another project or person is in the way."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in units:
        _refuse_another(folder / file, root)
    for file, text in units.items():
        (folder / file).write_text(text, encoding="utf-8")
        output.path(folder / file)


def _refuse_another(path: Path, root: Path) -> None:
    if not os.path.lexists(path):
        return
    if path.is_symlink() or path.read_bytes().partition(b"\n")[0] != signature(root).encode():
        raise Refused(
            f"{path} exists already and was not made for {root}; nothing was written.",
            "Move it away, or name another folder with --write.",
        )


def _speak_of_secrets(needed: Mapping[str, Sequence[str]], file: Path) -> None:
    """Say which file to make, with which mode, and what to write into it."""
    quoted = shlex.quote(str(file))
    output.talk("")
    output.talk("The job does not see the variables of your shell. Put its secrets into a file that only you can read:")
    output.talk(f"  mkdir -p {shlex.quote(str(file.parent))} && touch {quoted} && chmod 600 {quoted}")
    output.talk(f"Write into it, with the secret in place of the dots: {file}")
    for variable, channels in needed.items():
        output.talk(f"  # {_named(channels)}")  # a line of its own: systemd takes no comment behind a value
        output.talk(f"  {variable}='...'")


def _named(channels: Sequence[str]) -> str:
    return f"channel{'' if len(channels) == 1 else 's'} {', '.join(channels)}"
