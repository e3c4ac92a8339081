"""The root of the command line: commands in sections, each loaded only when it is called."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from nurture_cli import __version__
from nurture_cli.cli import output
from nurture_cli.cli.commands import COMMANDS, FIRST, Command, sections
from nurture_cli.clock import Clock

if TYPE_CHECKING:
    from typer._click.core import Command as ClickCommand
    from typer._click.core import Context as ClickContext
    from typer._click.formatting import HelpFormatter
    from typer._click.shell_completion import CompletionItem


CommandFunction = TypeVar("CommandFunction", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a command gets from outside: the clock, and whether a signal asked it to end. It travels as `ctx.obj`."""

    clock: Clock
    signalled: Callable[[], bool] = lambda: False


def _first(command: Command) -> int:
    """The place of a command among those to start with; the others come after them."""
    return FIRST.index(command.name) if command.name in FIRST else len(FIRST)


class SectionedGroup(TyperGroup):
    """Knows all commands by name, loads one when it is asked for, and shows them in sections."""

    def list_commands(self, ctx: ClickContext) -> list[str]:  # noqa: ARG002  the framework's signature
        return [command.name for command in COMMANDS]

    def get_command(self, ctx: ClickContext, cmd_name: str) -> ClickCommand | None:  # noqa: ARG002
        for command in COMMANDS:
            if command.name == cmd_name:
                return load(command.module, command.name)
        return None

    def resolve_command(self, ctx: ClickContext, args: list[str]) -> tuple[str | None, ClickCommand | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            if args == ["version"]:  # everybody tries it
                _print_version(True)
            from nurture_cli.cli.leads import lead_on

            ctx.fail(f"There is no command `{args[0]}`. {lead_on(args[0])}".rstrip())
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: ClickContext, formatter: HelpFormatter) -> None:  # noqa: ARG002
        """The commands to start with and the names of all, so that the page fits a terminal of 24 lines."""
        with formatter.section("Start with"):
            formatter.write_dl([(c.name, c.summary) for c in sorted(COMMANDS, key=_first) if c.name in FIRST])
        with formatter.section("All commands"):
            formatter.write_dl([(section, " ".join(c.name for c in commands)) for section, commands in sections()])
        more = "`nurture help` describes them all, `nurture help COMMAND` one, with examples."
        formatter.write(f"\n{output.fitting(more, hang=0)}\n")

    def shell_complete(self, ctx: ClickContext, incomplete: str) -> list[CompletionItem]:
        from typer._click.shell_completion import CompletionItem

        names = [CompletionItem(c.name, help=c.summary) for c in COMMANDS if c.name.startswith(incomplete)]
        return names + list(super(TyperGroup, self).shell_complete(ctx, incomplete))


@functools.cache
def load(module: str, name: str) -> ClickCommand:
    """The command of `nurture_cli.cli.<module>`, under its name; it is made once, for that reads all annotations."""
    loaded: Any = importlib.import_module(f"nurture_cli.cli.{module}")
    command = typer.main.get_command(loaded.app)
    command.name = name
    return command


class PlainCommand(TyperCommand):
    """A command whose usage line shows required arguments as everybody writes them: EMAIL, not {EMAIL}."""

    def collect_usage_pieces(self, ctx: ClickContext) -> list[str]:
        return [piece.removeprefix("{").removesuffix("}") for piece in super().collect_usage_pieces(ctx)]


class PlainGroup(TyperGroup):
    """A command with commands of its own, which it names when somebody tries another."""

    def resolve_command(self, ctx: ClickContext, args: list[str]) -> tuple[str | None, ClickCommand | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            ctx.fail(
                f"There is no command `{ctx.command_path} {args[0]}`. Choose from: {', '.join(sorted(self.commands))}."
            )
        return super().resolve_command(ctx, args)


class CommandApp(typer.Typer):
    """A command, or a group of them, with the settings that all share."""

    def __init__(self) -> None:
        super().__init__(
            cls=PlainGroup,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
            add_completion=False,
            no_args_is_help=True,  # of a group; a single command may have nothing to ask for
            context_settings={"help_option_names": ["-h", "--help"]},
        )

    def command(self, name: str | None = None, **settings: Any) -> Callable[[CommandFunction], CommandFunction]:
        return super().command(name, cls=PlainCommand, **settings)


def _print_version(asked: bool) -> None:
    if asked:
        output.data(f"nurture {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=SectionedGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Run nurture campaigns from files: who is due for which asset next, sent once, and explained."""
