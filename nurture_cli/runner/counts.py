"""What a run came to, counted while it is on."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field

from nurture_cli.errors import NurtureError
from nurture_cli.exit_code import ExitCode
from nurture_cli.runner.settle import Settled


@dataclass(slots=True)
class RunCounts:
    """How many touches became what, and what kept the run from doing more."""

    sent: int = 0
    failed: int = 0
    deferred: int = 0
    unknown: int = 0
    claimed: int = 0
    held: int = 0  # were due by the plan, and no longer at the last look
    closed: dict[str, NurtureError] = field(default_factory=dict)  # channel -> why it carries nothing more
    stopped_by: NurtureError | None = None  # why the whole run stopped
    signal: int | None = None

    def add(self, verdict: Settled) -> None:
        """Count one settled touch."""
        match verdict:
            case Settled.SENT:
                self.sent += 1
            case Settled.FAILED:
                self.failed += 1
            case Settled.DEFERRED:
                self.deferred += 1
            case Settled.UNKNOWN:
                self.unknown += 1

    def stop(self, error: NurtureError) -> None:
        """Let the run begin nothing more; of several reasons the first counts."""
        if self.stopped_by is None:
            self.stopped_by = error

    @property
    def exit_code(self) -> int:
        """The exit code of a run that came to this: what most needs a human wins."""
        if self.signal is not None:
            return ExitCode.INTERRUPTED if self.signal == signal.SIGINT else ExitCode.TERMINATED
        if self.stopped_by is not None:
            return self.stopped_by.exit_code
        if self.unknown:
            return ExitCode.IN_DOUBT
        if self.closed:
            return max(error.exit_code for error in self.closed.values())
        return ExitCode.FINDINGS if self.failed else ExitCode.FINE

    @property
    def errors(self) -> list[NurtureError]:
        """What stopped the run, or closed its channels."""
        return [*([] if self.stopped_by is None else [self.stopped_by]), *self.closed.values()]

    @property
    def blocked(self) -> bool:
        """Whether something other than single touches kept the run from doing what was due."""
        return bool(self.errors)

    @property
    def ended(self) -> str:
        """How the run ended, in words."""
        if self.signal is not None:
            return f"stopped by {signal.Signals(self.signal).name}"
        errors = self.errors if self.stopped_by is None else [self.stopped_by]
        return " ".join(error.sentence for error in errors) or "done"
