"""A reader who does what a guide says: types its commands, writes its files.

The orders of blocks:

- `<!-- run -->` types the commands of the block as at a terminal and compares what they print;
  `run, at 2026-03-09T10:00` lets time pass until then; `echo $?` prints the code of the last command. `...` stands
  where lines are left out; such a block ends well.
- `<!-- FILE -->` is a file that the reader writes; `<!-- in FILE -->` takes the place of the same keys of a YAML file.

Whatever the reader writes in a project, `nurture check` accepts, unless the order ends with `, with mistakes`.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from nurture_cli.cli.demo_town import instant
from nurture_cli.clock import SteppingClock
from tests.conftest import Nurture
from tests.pages import Block, blocks_of, leaves_out

RUN = r"run(, at (?P<at>\S+))?"
WRITTEN = r"(?P<part>in )?(?P<file>[\w./-]+\.(yml|md|csv|txt))(?P<wrong>, with mistakes)?"
ORDERS = [RUN, WRITTEN]
COLUMNS = 500  # nothing is folded: where a line ends would depend on where the home really is
HOME = "/home/ann"
# What each project has of its own: the end of a file in the outbox, the name of a unit, a token.
MADE_BY_CHANCE = [
    re.compile(pattern)
    for pattern in (
        r"(_)[0-9a-f]{16}(?=\.eml)",
        r"(/unsubscribe/)\S+",
        r"(subject=unsubscribe%20)\S+",
        r"(nurture-[\w-]+-)[0-9a-f]{8}",
    )
]
# A program `nurture` for a shell, at the instant of the guide.
PROGRAM = """\
#!{python}
import os, sys
from nurture_cli.cli.boundary import main
from nurture_cli.clock import SteppingClock
sys.exit(main(sys.argv[1:], clock=SteppingClock(int(os.environ["GUIDE_AT"]))))
"""


def sections(text: str) -> dict[str, str]:
    """The parts of a YAML file by their top-level keys; what stands before the first has none."""
    parts = re.split(r"^(?=[a-z_]+:)", text, flags=re.M)
    return {part.partition(":")[0] if re.match(r"[a-z_]+:", part) else "": part for part in parts}


class Reader:
    """Somebody who does what a guide says."""

    def __init__(self, nurture: Nurture, clock: SteppingClock, home: Path) -> None:
        self._nurture, self._clock, self._home = nurture, clock, home
        self.here, self._code = home, 0
        programs = home.with_name("bin")
        programs.mkdir()
        (programs / "nurture").write_text(PROGRAM.format(python=sys.executable))
        (programs / "nurture").chmod(0o755)
        self._path = f"{programs}:{os.environ['PATH']}"

    def type(self, command: str) -> str:
        """What a terminal shows after a command."""
        words = shlex.split(command)
        if words[0] == "cd":
            self.here = (self.here / words[1].replace("~", str(self._home))).resolve()
            return ""
        if command == "echo $?":
            return f"{self._code}\n"
        shown = (
            self._nurtured(words[1:])
            if words[0] == "nurture" and not set("<>|&") & set(words)
            else self._shell(command)
        )
        plain = re.sub(r"\x1b\[[0-9;]*m", "", shown).replace("\r\n", "\n")
        for secret in MADE_BY_CHANCE:
            plain = secret.sub(r"\1…", plain)
        plain = plain.replace(str(self._home), HOME).replace(str(Path(sys.executable).parent), f"{HOME}/.local/bin")
        return "".join(line.rstrip() + "\n" for line in plain.splitlines())

    def _nurtured(self, words: list[str]) -> str:
        answer = self._nurture(*words, cwd=self.here, terminal=True, columns=COLUMNS, together=True)
        self._code = answer.code
        return answer.out

    def _shell(self, command: str) -> str:
        surroundings = {"PATH": self._path, "HOME": str(self._home), "GUIDE_AT": str(self._clock.at)}
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.here,
            env=os.environ | surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self._code = done.returncode
        return done.stdout

    def run(self, block: Block, at: str | None) -> str:
        """What a block of commands should say."""
        if at is not None:
            self._clock.at = instant(at)
        text = block.answered(self.type)
        if leaves_out(block.text):
            assert self._code == 0, text
        return text

    def write(self, block: Block, wanted: re.Match[str]) -> None:
        """Write a file, or some keys of one, and look whether the project is right."""
        file = self.here / wanted["file"]
        file.parent.mkdir(parents=True, exist_ok=True)
        if wanted["part"]:
            merged = sections(file.read_text("utf-8")) | sections(block.text)
            file.write_text("".join(merged.values()), "utf-8")
        else:
            file.write_text(block.text, "utf-8")
        if (self.here / "nurture.yml").exists() and not wanted["wrong"]:
            checked = self._nurture("check", cwd=self.here)
            assert checked.code == 0, checked.out + checked.err
            assert "warning" not in checked.out, checked.out


def play(reader: Reader, page: Path) -> list[tuple[Block, str]]:
    """Do what a guide says; its blocks of commands, each with what it should say."""
    made = []
    for block in blocks_of(page):
        if ran := re.fullmatch(RUN, block.order):
            made.append((block, reader.run(block, ran["at"])))
        elif found := re.fullmatch(WRITTEN, block.order):
            reader.write(block, found)
    return made
