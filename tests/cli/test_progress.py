import io
import sys

import pytest

from nurture_cli.cli.progress import progress


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


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
