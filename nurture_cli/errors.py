"""What stops the program: one family of errors, each with its sentence and its exit code.

Mistakes in the user's files are `Diagnostic` values, not errors of this family.
"""

from __future__ import annotations

from nurture_cli.exit_code import ExitCode


class NurtureError(Exception):
    """Something stopped the program; `str(error)` is a whole sentence, `hint` says what to do."""

    exit_code = ExitCode.FAULT

    def __init__(self, sentence: str, hint: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint


class Findings(NurtureError):
    """The files have findings, or some touches failed."""

    exit_code = ExitCode.FINDINGS


class OutOfPlace(NurtureError):
    """The request does not fit the contact's stage; nothing was changed."""

    exit_code = ExitCode.FINDINGS


class WrongUsage(NurtureError):
    """The command line is wrong."""

    exit_code = ExitCode.WRONG_USAGE


class Refused(NurtureError):
    """Refused for safety: a human must decide."""

    exit_code = ExitCode.REFUSED


class InDoubt(NurtureError):
    """It was handed over, and nobody can say whether it arrived."""

    exit_code = ExitCode.IN_DOUBT


class InputOutput(NurtureError):
    """The disk is full, read-only, or a file cannot be read."""

    exit_code = ExitCode.INPUT_OUTPUT


class Busy(NurtureError):
    """Another run holds the lock, or the relay is down: try later."""

    exit_code = ExitCode.BUSY


class Misconfigured(NurtureError):
    """A secret is missing, TLS was refused, a channel is not set up."""

    exit_code = ExitCode.MISCONFIGURED
