"""`nurture init`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nurture_cli.cli import options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.errors import WrongUsage

if TYPE_CHECKING:
    from nurture_cli.cli.answers import Answers

app = CommandApp()

_OPTIONS = {
    "goal": "--for", "name": "--name", "sender_name": "--sender-name", "sender_address": "--sender-address",
    "reply_to": "--reply-to", "postal_address": "--postal-address", "zone": "--zone",
}  # fmt: skip


@app.command()
def init(
    ctx: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of the project; nurture makes it if it does not exist.")
    ],
    goal: Annotated[
        Literal["newsletter", "event", "trial"] | None,
        typer.Option(
            "--for",
            help="What the project is for: its first campaign welcomes people who sign up for your newsletter (the "
            "default), follows up after a trade fair or webinar, or helps people who try your product.",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            metavar="NAME",
            help="Name of your newsletter or company, shown on top of every mail. Default: the folder's name.",
        ),
    ] = None,
    sender_name: Annotated[
        str | None,
        typer.Option("--sender-name", metavar="NAME", help="Your name, as readers see it. Default: NAME of --name."),
    ] = None,
    sender_address: Annotated[
        str | None, typer.Option("--sender-address", metavar="EMAIL", help="Address that your mails come from.")
    ] = None,
    reply_to: Annotated[
        str | None, typer.Option("--reply-to", metavar="EMAIL", help="Address that replies go to, if it is another.")
    ] = None,
    postal_address: Annotated[
        str | None, typer.Option("--postal-address", metavar="TEXT", help="Your postal address; every mail shows it.")
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option("--zone", metavar="ZONE", help="Time zone, such as Europe/Berlin. Default: this machine's."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; you can fill in the rest later.")] = False,
    example: Annotated[bool, typer.Option("--example", help="Fill the project with the worked example.")] = False,
    json: options.Json = False,
) -> None:
    """Make a new project in a folder.

    On a terminal it asks for what the options do not say; you can skip every question. The project has a small campaign
    with real texts, which you can read, test and change at once. Besides nurture.yml, campaigns/ and templates/ it gets
    a database and the key that signs unsubscribe links.

    In a folder that has project files but no database, such as a fresh clone, it makes only what is missing. It never
    overwrites a file.

    \b
    Examples:
      nurture init my-programme
      nurture init my-letter --name "Harbour Letter" --sender-name "Ann Berg" --sender-address ann@example.com
      nurture init fair-2026 --name "Berg Pumps" --for event
      nurture init my-programme --yes
      nurture init my-programme --example
    """
    from nurture_cli.cli import new_project, next_steps
    from nurture_cli.cli.answers import Answers

    answers = Answers(goal, name, sender_name, sender_address, reply_to, postal_address, zone)
    _insist_on_sense(answers)
    new_project.insist_on_room(folder)
    clone = new_project.is_clone(folder)
    if answers.given and (example or clone):
        _refuse_answers(answers, "the worked example" if example else f"the nurture.yml in {folder}")
    if example:
        files, steps = new_project.example(), next_steps.of_example()
    elif clone:
        files, steps = {}, next_steps.of_clone()
    else:
        answers = _completed(answers, folder, may_ask=not yes)
        files, steps = new_project.starter(answers), next_steps.of_starter(answers)
    made = new_project.make_project(folder, files, now=ctx.obj.clock.now())
    if json:
        output.document({"folder": str(folder), "made": made})
        return
    for name in made:
        output.path(folder / name)
    next_steps.tell(folder, steps)


def _insist_on_sense(answers: Answers) -> None:
    """Raise WrongUsage, in the words of `check`, for the first option that nurture.yml could not hold."""
    from nurture_cli.cli.answers import fault

    for name in answers.given:
        wrong = fault(name, getattr(answers, name))
        if wrong is not None:
            raise WrongUsage(f"{_OPTIONS[name]}: {wrong}")


def _refuse_answers(answers: Answers, what: str) -> None:
    options = ", ".join(_OPTIONS[name] for name in answers.given)
    raise WrongUsage(
        f"{what[0].upper()}{what[1:]} says that already, so {options} would have no effect.", "Leave it out."
    )


def _completed(answers: Answers, folder: Path, *, may_ask: bool) -> Answers:
    """The answers, completed by the person at the terminal, and with a name for the project in any case."""
    from nurture_cli.cli.answers import project_name
    from nurture_cli.cli.questions import ask, can_ask

    name = project_name(folder)
    if may_ask and can_ask():
        answers = ask(answers, name)
    return answers if answers.name is not None else replace(answers, name=name)
