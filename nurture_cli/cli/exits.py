"""The exit codes: the same for every command."""

from __future__ import annotations

FINE = 0
FINDINGS = 1
WRONG_USAGE = 2
REFUSED = 3
IN_DOUBT = 4
DUE = 5
FAULT = 70
INPUT_OUTPUT = 74
BUSY = 75
MISCONFIGURED = 78
INTERRUPTED = 130
TERMINATED = 143

# Code and meaning, as printed by `nurture --help` and the reference.
MEANINGS: tuple[tuple[int, str], ...] = (
    (FINE, "fine, also when there was nothing to do"),
    (
        FINDINGS,
        "findings in the files, rejected rows, failed messages, overdue leads or stuck contacts (only with --exit-code"
        " of `sales list`, `stuck`, `status`), or a request that does not fit the contact's stage",
    ),
    (WRONG_USAGE, "wrong usage"),
    (REFUSED, "refused for safety: a human must decide"),
    (IN_DOUBT, "done, but some messages are in doubt: see `nurture touches list --state unknown`"),
    (DUE, "something is due (only with `plan --exit-code`)"),
    (FAULT, "an error inside nurture; the message names a log file"),
    (INPUT_OUTPUT, "input or output failed: disk full, read-only, unreadable"),
    (BUSY, "busy, try again later: another run is in progress, or the mail server is down"),
    (MISCONFIGURED, "configuration: a secret is missing, TLS was refused"),
    (INTERRUPTED, "stopped by Ctrl-C (SIGINT), cleanly"),
    (TERMINATED, "stopped by SIGTERM or SIGHUP, cleanly"),
)
