"""What a run came to."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field

from nurture_cli.errors import NurtureError
from nurture_cli.exit_code import ExitCode
from nurture_cli.runner.settle import Settled


@dataclass(slots=True)
class RunCounts:
    """How many touches became what; `fault` ended the run, each of `troubles` closed one channel."""

    sent: int = 0
    failed: int = 0
    deferred: int = 0
    unknown: int = 0
    claimed: int = 0
    held: int = 0  # were due by the plan, and no longer at the last look
    troubles: dict[str, NurtureError] = field(default_factory=dict)  # channel -> why it carries no more
    fault: NurtureError | None = None
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

    @property
    def exit_code(self) -> int:
        """The exit code of a run that came to this: what most needs a human wins."""
        if self.signal is not None:
            return ExitCode.INTERRUPTED if self.signal == signal.SIGINT else ExitCode.TERMINATED
        if self.fault is not None:
            return self.fault.exit_code
        if self.unknown:
            return ExitCode.IN_DOUBT
        if self.troubles:
            return max(trouble.exit_code for trouble in self.troubles.values())
        return ExitCode.FINDINGS if self.failed else ExitCode.FINE

    @property
    def blocked(self) -> bool:
        """Whether something other than single touches kept the run from doing what was due."""
        return self.fault is not None or bool(self.troubles)

    @property
    def ended(self) -> str:
        """How the run ended, in words."""
        if self.signal is not None:
            return f"stopped by {signal.Signals(self.signal).name}"
        troubles = [self.fault] if self.fault else list(self.troubles.values())
        return " ".join(trouble.sentence for trouble in troubles) or "done"
