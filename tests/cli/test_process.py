"""The command line as a process of its own: streams, signals, locale, start-up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nurture_cli.cli.commands import COMMANDS

NURTURE = [sys.executable, "-m", "nurture_cli"]


def call(*words: str, **how: object) -> subprocess.CompletedProcess[bytes]:
    """Run the command line and wait for its end."""
    return subprocess.run([*NURTURE, *words], capture_output="stdout" not in how, check=False, **how)  # type: ignore[call-overload,no-any-return]


def test_it_works_without_any_environment() -> None:
    answer = call("--help", env={})

    assert answer.returncode == 0
    assert b"Usage: nurture" in answer.stdout


@pytest.mark.parametrize("locale", ["C", "POSIX", "de_DE.ISO-8859-1", "nonsense"])
def test_utf_8_stays_utf_8_in_any_locale(locale: str, tmp_path: Path) -> None:
    (tmp_path / "größe").mkdir()
    (tmp_path / "größe" / "nurture.yml").touch()

    answer = call("cron", "--project", str(tmp_path / "größe"), env={"LC_ALL": locale, "PATH": os.environ["PATH"]})

    assert answer.returncode == 0
    assert "größe".encode() in answer.stdout


def test_a_full_disk_behind_standard_output_is_code_74_and_a_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        answer = call("--version", stdout=full, stderr=subprocess.PIPE)

    assert answer.returncode == 74
    assert answer.stderr == b"error: Standard output cannot be written: No space left on device.\n"


def test_a_reader_that_went_away_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)

    answer = call("--help", stdout=write, stderr=subprocess.PIPE)

    os.close(write)
    assert (answer.returncode, answer.stderr) == (0, b"")


def test_closed_streams_do_no_harm(tmp_path: Path) -> None:
    script = '"$@" <&- >&- 2>&-; echo $?'

    answer = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *NURTURE, "init", str(tmp_path / "p")], capture_output=True, check=False
    )

    assert answer.stdout == b"0\n"
    assert (tmp_path / "p" / "nurture.yml").is_file()


def modules_of(*words: str, cwd: Path | None = None) -> set[str]:
    """The modules that a command line imports."""
    answer = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "nurture_cli", *words],
        capture_output=True,
        check=True,
        cwd=cwd,
        text=True,
    )
    return {line.rpartition("|")[2].strip() for line in answer.stderr.splitlines() if line.startswith("import time:")}


HEAVY = {
    "rich",
    "jinja2",
    "sqlite_utils",
    "markdown_it",
    "yaml",
    "email_validator",
    "sqlite3",
    "smtplib",
    "urllib.request",
}


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["plan", "--help"], ["contacts", "--help"]])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    loaded = modules_of(*words)

    assert "nurture_cli.cli.app" in loaded
    assert HEAVY.isdisjoint(loaded)


def test_help_loads_no_command() -> None:
    commands = {f"nurture_cli.cli.{command.module}" for command in COMMANDS}

    assert commands.isdisjoint(modules_of("--help"))


def test_completion_names_commands_and_loads_none_of_them() -> None:
    answer = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "nurture_cli"],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "_NURTURE_COMPLETE": "complete_bash", "COMP_WORDS": "nurture s", "COMP_CWORD": "1"},
    )

    assert answer.stdout.split() == ["schema", "status", "suppress"]
    assert "nurture_cli.cli.status" not in answer.stderr
    assert "rich" not in answer.stderr
