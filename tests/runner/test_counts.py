"""What the exit code of a run says."""

from __future__ import annotations

import pytest

from nurture_cli.errors import Busy
from nurture_cli.runner.counts import RunCounts


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        (RunCounts(), 0),
        (RunCounts(sent=3), 0),
        (RunCounts(deferred=3), 0),
        (RunCounts(failed=1), 1),
        (RunCounts(failed=1, unknown=1), 4),
        (RunCounts(closed={"mail": Busy("down")}), 75),
        (RunCounts(closed={"mail": Busy("down")}, unknown=1), 4),
        (RunCounts(stopped_by=Busy("locked"), unknown=1), 75),
        (RunCounts(signal=2, unknown=1), 130),
        (RunCounts(signal=15), 143),
        (RunCounts(signal=1), 143),
    ],
)
def test_the_exit_code_says_what_most_needs_a_human(counts: RunCounts, code: int) -> None:
    assert counts.exit_code == code
