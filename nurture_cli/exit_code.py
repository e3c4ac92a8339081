"""The exit codes: the same for every command."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command ends with; `meaning` is printed by `nurture --help` and the reference."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> ExitCode:
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    FINE = 0, "success, also when there was nothing to do"
    FINDINGS = (
        1,
        "findings in the files, rejected rows, failed messages, overdue leads or stuck contacts (only with --exit-code"
        " of `sales list`, `stuck`, `status`), or a request that does not fit the contact's stage",
    )
    WRONG_USAGE = 2, "wrong usage"
    REFUSED = 3, "refused for safety: a human must decide"
    IN_DOUBT = 4, "done, but some messages are in doubt: see `nurture touches list --state unknown`"
    DUE = 5, "something is due (only with `plan --exit-code`)"
    FAULT = 70, "an error inside nurture; the message names a log file"
    INPUT_OUTPUT = 74, "input or output failed: disk full, read-only, unreadable"
    BUSY = 75, "busy, try again later: another run is in progress, or the mail server is down"
    MISCONFIGURED = 78, "wrong configuration: a secret is missing, or TLS was refused"
    INTERRUPTED = 130, "stopped by Ctrl-C (SIGINT), cleanly"
    TERMINATED = 143, "stopped by SIGTERM or SIGHUP, cleanly"
