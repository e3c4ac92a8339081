"""What to type after `init`: each command on a line of its own, fit to be pasted."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nurture_cli.cli import output
from nurture_cli.cli.answers import enumerated

if TYPE_CHECKING:
    from nurture_cli.cli.answers import Answers


class NextStep(NamedTuple):
    """What a command is for, and the command; '' where there is nothing to type."""

    purpose: str
    command: str


CHECK = NextStep("Check the files:", "nurture check")
PLAN = NextStep("See who would get what, and who would not and why:", "nurture plan")


def of_starter(answers: Answers) -> list[NextStep]:
    """What to do in a project with a first campaign."""
    goal, to = answers.chosen, answers.sender_address or "you@example.com"
    consent = f"--set consent={goal.consent} --set consent_basis={shlex.quote(goal.basis)}"
    steps = [
        CHECK,
        NextStep(
            "Send yourself a test mail; until nurture.yml has a mail server, it is written to outbox/:",
            f"nurture preview {goal.first} --to {shlex.quote(to)}",
        ),
        NextStep(
            f"Import {goal.whom}, and record why you may write to them. {goal.not_whom}:",
            f"nurture contacts import contacts.csv --tag {goal.tag} {consent} "
            f"--set consent_source={shlex.quote(goal.source)}",
        ),
        PLAN,
    ]
    if answers.missing:
        keys = enumerated([f"sender.{key}" for key in answers.missing])
        steps.append(NextStep(f"Fill in {keys} in nurture.yml before the first mail leaves this machine.", ""))
    return steps


def of_example() -> list[NextStep]:
    """What to do in a project with the worked example."""
    return [
        CHECK,
        NextStep("Import its sample contacts, and what they did:", "nurture contacts import contacts.csv"),
        NextStep("", "nurture events import events.csv"),
        PLAN,
    ]


def of_clone() -> list[NextStep]:
    """What to do in a project whose files were there."""
    return [
        CHECK,
        NextStep("Its database is new and empty. Import the contacts:", "nurture contacts import contacts.csv"),
        PLAN,
    ]


def tell(folder: Path, steps: list[NextStep]) -> None:
    """Say what to do next in the project's folder."""
    output.talk("The project is ready. Next:")
    if folder.resolve() != Path.cwd():
        place = str(folder)
        output.talk(f"  cd {shlex.quote(f'./{place}' if place.startswith('-') else place)}")
    for purpose, command in steps:
        if purpose:
            output.talk(purpose)
        if command:
            output.talk(f"  {command}")
