"""Errors become words and exit codes here, and nowhere else."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError, UsageError
from typer.main import get_command

from nurture_cli.cli import output
from nurture_cli.cli.app import Surroundings, app
from nurture_cli.clock import Clock
from nurture_cli.errors import NurtureError, WrongUsage
from nurture_cli.exit_code import ExitCode

PROGRAM = "nurture"

# What the system may answer about a file that the user can put right.
_FILE_TROUBLE = frozenset({
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM, errno.ENOENT, errno.EEXIST,
    errno.ENOTDIR, errno.EISDIR, errno.EMFILE, errno.ENFILE, errno.EFBIG, errno.ELOOP, errno.ENAMETOOLONG,
    errno.ENXIO, errno.ETXTBSY, errno.ENOTEMPTY, errno.ENODEV, errno.ESTALE,
})  # fmt: skip


class Stopped(BaseException):
    """A signal asked this process to end; `code` is the exit code for it."""

    def __init__(self, code: ExitCode) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class _Signals:
    """The signal that came last: the exception that it raised is lost where it came in the middle of a statement."""

    stopped: Stopped | None = None


def main(argv: Sequence[str], *, clock: Clock) -> int:
    """Run one command line and return its exit code; never raises."""
    output.prepare_streams()
    with _signals() as signals:
        code = _translated(argv, clock, signals)
        try:
            output.flush()
        except output.ReaderGone:
            pass
        except NurtureError as error:
            output.complain(error.sentence, error.hint)
            code = code or error.exit_code
    return code


def _translated(argv: Sequence[str], clock: Clock, signals: _Signals) -> int:
    try:
        return _invoke(argv, Surroundings(clock, lambda: signals.stopped is not None))
    except NurtureError as error:
        output.complain(error.sentence, error.hint)
        return error.exit_code
    except ClickException as error:
        return _wrong_usage(error)
    except output.ReaderGone:
        return ExitCode.FINE
    except (typer.Abort, EOFError):  # Ctrl-D or no terminal at a question
        output.complain("The question was not answered, so nothing was done.")
        return ExitCode.WRONG_USAGE
    except KeyboardInterrupt:
        return _stop(ExitCode.INTERRUPTED)
    except Stopped as end:
        return _stop(end.code)
    except Exception as error:
        if signals.stopped is not None and _was_interrupted(error):
            return _stop(signals.stopped.code)
        return _unexpected(error, argv, clock)


def _invoke(argv: Sequence[str], surroundings: Surroundings) -> int:
    for word in argv:
        if not word.isascii() and any("\ud800" <= character <= "\udfff" for character in word):
            raise WrongUsage("A word of the command line is not UTF-8 text.", "Names and paths must be UTF-8.")
    command = get_command(app)
    if f"_{PROGRAM.upper()}_COMPLETE" in os.environ:
        command.main(list(argv), prog_name=PROGRAM, standalone_mode=False)
        return ExitCode.FINE
    try:
        with command.make_context(PROGRAM, list(argv), obj=surroundings) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except BrokenPipeError:  # help texts are printed by the framework
        output.abandon_stdout()
        raise output.ReaderGone from None
    return ExitCode.FINE


def _wrong_usage(error: ClickException) -> int:
    """Say what is wrong with the words of the command line."""
    if isinstance(error, NoArgsIsHelpError):
        error.show()
        return ExitCode.WRONG_USAGE
    context = error.ctx if isinstance(error, UsageError) else None
    path = context.command_path if context else PROGRAM
    output.complain(error.format_message(), f"`{path} --help` shows how to use it.")
    return ExitCode.WRONG_USAGE


def _unexpected(error: Exception, argv: Sequence[str], clock: Clock) -> int:
    """Report an error that no room has a sentence for: trouble with a file, or a fault of ours."""
    if isinstance(error, OSError) and error.errno in _FILE_TROUBLE:
        where = f"{os.fsdecode(error.filename)}: " if error.filename else ""
        output.complain(f"{where}{error.strerror}.", _owner(error))
        return ExitCode.INPUT_OUTPUT

    from nurture_cli.store.faults import damage_in

    damage = damage_in(error)
    if damage is not None:
        output.complain(damage.sentence, damage.hint)
        return damage.exit_code

    from nurture_cli.cli.fault import write_log

    path = write_log(error, argv, clock)
    output.complain(
        f"Something went wrong inside nurture ({type(error).__name__}).",
        f"Please report it and attach {path}: it says where, and holds no addresses or secrets." if path else None,
    )
    return ExitCode.FAULT


def _owner(error: OSError) -> str | None:
    """What to do when the file belongs to another user."""
    from nurture_cli.ownership import give_back

    if not isinstance(error, PermissionError) or error.filename is None or isinstance(error.filename, int):
        return None
    return give_back(Path(os.fsdecode(error.filename)).absolute())


def _was_interrupted(error: Exception) -> bool:
    from nurture_cli.store.faults import interrupted

    return interrupted(error, signalled=True)


def _stop(code: ExitCode) -> int:
    output.talk("Stopped.")
    return code


@contextlib.contextmanager
def _signals() -> Iterator[_Signals]:
    """SIGINT, SIGTERM and SIGHUP end the command cleanly, but for those that are ignored (nohup, a shell's `&`)."""
    signals = _Signals()

    def stop(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001  the system's signature
        signals.stopped = Stopped(ExitCode.INTERRUPTED if number == signal.SIGINT else ExitCode.TERMINATED)
        raise signals.stopped

    former = {}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            with contextlib.suppress(ValueError):  # not in the main thread: nobody sends us signals there
                former[number] = signal.signal(number, stop)
    try:
        yield signals
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
