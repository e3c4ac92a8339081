"""`nurture help`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, NamedTuple

import typer

from nurture_cli.cli import output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.commands import COMMANDS, sections
from nurture_cli.exit_code import ExitCode

app = CommandApp()


class Topic(NamedTuple):
    """Something that belongs to no command: its line in the list, and what it is made of, as pairs."""

    summary: str
    title: str
    pairs: Callable[[], list[tuple[str, str]]]


TOPICS: dict[str, Topic] = {
    "exit-codes": Topic(
        "How a command ends, for scripts and cron.",
        "Exit codes, the same for every command",
        lambda: [(str(code).rjust(3), code.meaning) for code in ExitCode],
    )
}


@app.command(name="help")
def help_(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[COMMAND|TOPIC]", help="A command, such as `plan` or `contacts import`, or a topic."),
    ] = None,
) -> None:
    """List all commands and topics, or describe one.

    \b
    Examples:
      nurture help
      nurture help contacts import
      nurture help exit-codes
    """
    root = ctx.find_root()
    if not words:
        formatter = root.make_formatter()
        for section, commands in sections():
            with formatter.section(section):
                formatter.write_dl([(command.name.ljust(_WIDEST), command.summary) for command in commands])
        with formatter.section("Topics, for `nurture help TOPIC`"):
            formatter.write_dl([(name.ljust(_WIDEST), topic.summary) for name, topic in TOPICS.items()])
        with formatter.section("Options"):
            formatter.write_dl([*filter(None, (one.get_help_record(root) for one in root.command.get_params(root)))])
        output.write(formatter.getvalue().removeprefix("\n"))
    elif words[0] in TOPICS and len(words) == 1:
        topic = TOPICS[words[0]]
        formatter = root.make_formatter()
        with formatter.section(topic.title):
            formatter.write_dl(topic.pairs())
        output.write(formatter.getvalue().removeprefix("\n"))
    else:
        with root.command.make_context("nurture", [*words, "--help"], obj=ctx.obj) as asked:
            root.command.invoke(asked)


_WIDEST = max(len(command.name) for command in COMMANDS)
