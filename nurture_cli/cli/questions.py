"""The questions of `init` on a terminal: each has a default, and is asked again when its answer cannot be used."""

from __future__ import annotations

import io
import sys
from dataclasses import replace

from nurture_cli.cli import output
from nurture_cli.cli.answers import Answers, fault, zone_here
from nurture_cli.cli.goals import GOALS

LATER = "fill in later"


def can_ask() -> bool:
    """Whether somebody sits there: the questions go to standard error, the answers come from standard input."""
    return output.is_terminal(sys.stdin) and output.is_terminal(sys.stderr)


def ask(answers: Answers, name: str) -> Answers:
    """Ask for everything that is not known yet; `name` is the default name of the project.

    Raises EOFError when nobody answers, KeyboardInterrupt on Ctrl-C.
    """
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # whatever the terminal's encoding makes of a key, it is no fault
    output.talk("Press Enter to accept the answer in brackets. Ctrl-C stops, and nothing is made.")
    if answers.goal is None:
        output.talk("What is the project for?")
        for number, goal in enumerate(GOALS, 1):
            output.talk(f"  {number}  {goal.name:<11}  {goal.summary}")
    for key, question, default in (
        ("goal", "Number or name", GOALS[0].name),
        ("name", "Name of your newsletter or company, shown on top of every mail", name),
        ("sender_name", "Your name, as readers see it", ""),
        ("sender_address", "The address that your mails come from", LATER),
        ("reply_to", "The address that replies go to", "the same"),
        ("postal_address", "Your postal address, which every mail must show", LATER),
        ("zone", "Time zone", zone_here()),
    ):
        pointless = key == "reply_to" and answers.sender_address is None
        if getattr(answers, key) is None and not pointless:
            answers = replace(answers, **{key: _answer(key, question, default or answers.name or name)})
    return answers


def _answer(name: str, question: str, default: str) -> str | None:
    """The answer to one question; None for the default in brackets."""
    while True:
        said = _line(f"{question} [{default}]: ")
        if name == "goal" and said.isdecimal() and 1 <= int(said) <= len(GOALS):
            said = GOALS[int(said) - 1].name
        if not said:
            return None
        wrong = fault(name, said)
        if wrong is None:
            return said
        output.talk(f"  {wrong}")


def _line(question: str) -> str:
    """What is typed after a question, without blanks at its ends."""
    sys.stderr.write(question)
    sys.stderr.flush()
    line = ""
    try:
        line = sys.stdin.readline()
    finally:
        if not line.endswith("\n"):  # Ctrl-C, Ctrl-D: what is said next begins on a line of its own
            sys.stderr.write("\n")
    if not line:
        raise EOFError
    return line.strip()
