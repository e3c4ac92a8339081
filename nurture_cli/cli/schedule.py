"""What makes a machine run the project every few minutes: a crontab line, or two systemd units."""

from __future__ import annotations

import hashlib
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

# Minutes that divide an hour evenly: cron and systemd count from the full hour.
EVERY = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)

LONGEST_NAME = 60  # characters of the readable part of a unit's name; systemd takes 255 in all

BUSY_IS_FINE = 75  # another run was on: the next one will do


def this_program() -> list[str]:
    """The words that start the program that is running now, from anywhere."""
    beside = Path(sys.executable).with_name("nurture")
    found = beside if beside.is_file() else shutil.which("nurture")
    return [str(found)] if found else [sys.executable, "-m", "nurture_cli"]


def crontab_line(program: Sequence[str], root: Path, every: int, environment: Path | None = None) -> str:
    """One line for `crontab -e`; a per cent sign would mean a new line there.

    Without the file `environment` the run still starts, and says and records what is missing.
    """
    minutes = {1: "*", 60: "0"}.get(every, f"*/{every}")
    command = shlex.join([*program, "run", "--project", str(root)])
    if environment is not None:
        command = f"set -a; command . {shlex.quote(str(environment))}; {command}"
    return f"{minutes} * * * * {command}".replace("%", r"\%")


def unit_name(root: Path) -> str:
    """The name of a project's units: that of its folder for the eye, and a hash that tells folders apart."""
    eye = re.sub(r"[^a-z0-9]+", "-", root.name.lower())[:LONGEST_NAME].strip("-") or "project"
    return f"nurture-{eye}-{hashlib.sha256(str(root).encode()).hexdigest()[:8]}"


def signature(root: Path) -> str:
    """The first line of the project's units, which tells them from all others."""
    return f"# Made by `nurture cron` for {root}"


def service(program: Sequence[str], root: Path, environment: Path | None = None) -> str:
    """The text of the service unit: one run, with the variables from the file `environment`."""
    command = " ".join([_path(program[0]), *(_word(word) for word in [*program[1:], "run", "--project", str(root)])])
    return f"""\
{signature(root)}
[Unit]
Description=Send what is due in {_plain(root.name)}

[Service]
Type=oneshot
WorkingDirectory={_specifiers(str(root))}
{_environment(environment)}ExecStart={command}
# Another run was still on, or the relay was down: the next run goes on from there.
SuccessExitStatus={BUSY_IS_FINE}
# What was handed over must be written down, however long the relay takes to answer.
TimeoutStopSec=660
KillMode=mixed
UMask=0077
NoNewPrivileges=yes
"""


def timer(root: Path, every: int) -> str:
    """The text of the timer unit."""
    when = {1: "*:*", 60: "hourly"}.get(every, f"*:0/{every}")
    return f"""\
{signature(root)}
[Unit]
Description=Send what is due in {_plain(root.name)}, every {"minute" if every == 1 else f"{every} minutes"}

[Timer]
OnCalendar={when}
AccuracySec=15s

[Install]
WantedBy=timers.target
"""


def _environment(file: Path | None) -> str:
    """The line that names the file with the variables, if there is one; wildcards in its path are taken literally."""
    if file is None:
        return ""
    path = re.sub(r"([\\*?\[\]])", r"\\\1", _specifiers(str(file)))
    return f"""\
# The minus: without the file the run still starts, and says and records what is missing.
EnvironmentFile=-{path}
"""


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")


def _plain(text: str) -> str:
    return _specifiers(" ".join(text.split()))


def _path(text: str) -> str:
    """The program itself: quoted, but systemd replaces no variables in it."""
    return _quoted(_specifiers(text))


def _word(text: str) -> str:
    """An argument, in which systemd would replace variables."""
    return _quoted(_specifiers(text).replace("$", "$$"))


def _quoted(text: str) -> str:
    if re.fullmatch(r"[\w@%+=:,./$-]+", text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
