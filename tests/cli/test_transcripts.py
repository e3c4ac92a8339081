"""The transcripts in `transcripts/*.md` are what the command line really prints.

In a fenced block `console`, each line that begins with `$ ` is a command and what follows is what it printed:
`$ nurture …` runs the command line, `$ cd DIR` goes there, `$ date TIME` sets the clock, `$ cat FILE` shows a file.
A fenced block whose opening line ends with `file=NAME` writes that file. `pytest --update` rewrites the answers.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture_cli.clock import SteppingClock
from nurture_cli.timing import parse_instant
from tests.conftest import Nurture

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.md"))
ZONE = "Europe/Berlin"

# What differs from one project to the next: the secret makes it.
VARYING = [
    (re.compile(r"(?<=[/=<])[A-Za-z0-9_-]{22,}(?=[@>\s\"]|$)", re.M), "…"),
]


class Session:
    """A person at a terminal: a folder to stand in and a clock on the wall."""

    def __init__(self, home: Path, nurture: Nurture, clock: SteppingClock) -> None:
        self.home = home
        self.here = home
        self.nurture = nurture
        self.clock = clock

    def answer(self, command: str) -> str:
        """What the command prints, with the exit code below when it is not 0."""
        match shlex.split(command):
            case ["cd", folder]:
                self.here = (self.here / folder).resolve()
                return ""
            case ["date", time]:
                self.clock.at = parse_instant(time, ZONE)
                return ""
            case ["cat", file]:
                return (self.here / file).read_text()
            case ["nurture", *words]:
                answer = self.nurture(*words, cwd=self.here, terminal=True, columns=100, together=True)
                return self.steady(answer.out) + (f"[exit {answer.code}]\n" if answer.code else "")
            case _:
                raise AssertionError(f"A transcript cannot run {command!r}.")

    def steady(self, text: str) -> str:
        """The text without what differs from one run to the next."""
        text = text.replace(str(self.home), "~")
        for pattern, instead in VARYING:
            text = pattern.sub(instead, text)
        return "".join(line.rstrip() + "\n" for line in text.splitlines())


def retold(text: str, session: Session) -> Iterator[str]:
    """The lines of the transcript, with the answers as they are now."""
    lines = iter(text.splitlines())
    for line in lines:
        yield line
        if line.startswith("```") and line != "```":
            block = list(iter(lambda: next(lines), "```"))
            if line == "```console":
                for answered in block:
                    if answered.startswith("$ "):
                        yield answered
                        yield from session.answer(answered[2:]).splitlines()
            else:
                if " file=" in line:
                    path = session.here / line.rpartition("file=")[2]
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text("\n".join(block) + "\n")
                yield from block
            yield "```"


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_transcript_is_what_is_printed(
    transcript: Path,
    tmp_path: Path,
    nurture: Nurture,
    clock: SteppingClock,
    update: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    text = transcript.read_text()

    now = "\n".join(retold(text, Session(tmp_path, nurture, clock))) + "\n"

    if update:
        transcript.write_text(now)
    assert now == text or update


def test_there_are_transcripts() -> None:
    assert TRANSCRIPTS
