import io
import sys
import threading
import time
from collections.abc import Callable

import pytest

from nurture_cli.cli.progress import progress, working


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("terminal", "name", "drawn"), [(True, "xterm", True), (True, "dumb", False), (False, "xterm", False)]
)
def test_progress_is_drawn_on_a_terminal_that_can_draw(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, name: str, drawn: bool
) -> None:
    screen = Screen() if terminal else io.StringIO()
    monkeypatch.setenv("TERM", name)
    monkeypatch.setattr(sys, "stderr", screen)

    with progress("Sending [red]") as draw:
        for done in range(1, 4):
            draw(done, 3)

    assert ("Sending [red]" in screen.getvalue()) is drawn
    assert ("3/3" in screen.getvalue()) is drawn


def test_work_that_needs_no_telling_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)

    with progress("Sending"):
        pass

    assert screen.getvalue() == ""


def test_what_takes_a_while_says_what_it_is_busy_with(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr("nurture_cli.cli.progress.SOON", 0.0)

    with working() as work:
        work.say("Judging 3 contacts")
        wait_until(lambda: "Judging 3 contacts" in screen.getvalue())
        work.say("Taking [red] on")
        wait_until(lambda: "Taking [red] on" in screen.getvalue())

    told = screen.getvalue()
    work.say("too late")
    assert screen.getvalue() == told


@pytest.mark.parametrize(("terminal", "seconds"), [(True, 60), (False, 0)])
def test_what_is_over_soon_or_seen_by_nobody_says_nothing(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, seconds: float
) -> None:
    screen = Screen() if terminal else io.StringIO()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr("nurture_cli.cli.progress.SOON", seconds)

    before = threading.active_count()
    with working() as work:
        work.say("Judging 3 contacts")
        assert threading.active_count() - before == int(terminal), "nobody waits for what nobody sees"

    assert screen.getvalue() == ""
