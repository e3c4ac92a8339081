"""Prose on a terminal: folded between words, and what is to be pasted in one piece."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture_cli.cli.folding import folded, refolded
from nurture_cli.cli.inert import width
from tests.conftest import Nurture


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("Sales has not answered for two days.", ["Sales has not answered", "  for two days."]),
        ("  next: when Sales closes the hand-off", ["  next: when Sales", "    closes the hand-off"]),
        ("Look again with `nurture plan --json`.", ["Look again with", "  `nurture plan --json`."]),
        ("Then run: nurture suppress import FILE", ["Then run:", "  nurture suppress import FILE"]),
        ("  Record it: --set consent=... --set zone=", ["  Record it:", "    --set consent=... --set zone="]),
        ("  nurture contacts import contacts.csv", ["  nurture contacts import contacts.csv"]),
        ("  # what one channel reads from a file", ["  # what one channel reads from a file"]),
        ("To mail them:    nurture contacts import", ["To mail them:    nurture contacts import"]),
        ("/a/path/that/is/longer/than/a/line is not here", ["/a/path/that/is/longer/than/a/line", "  is not here"]),
        ("漢字漢字漢字 漢字漢字漢字", ["漢字漢字漢字", "  漢字漢字漢字"]),
        ("\x1b[1mhelp:\x1b[0m of 24 letters, now", ["\x1b[1mhelp:\x1b[0m of 24 letters, now"]),
    ],
)
def test_a_line_is_folded_at_blanks_and_a_command_stays_whole(line: str, lines: list[str]) -> None:
    assert folded(line, 24).split("\n") == lines


@given(words=st.lists(st.text("abc`: 漢", min_size=1, max_size=12), max_size=20), columns=st.integers(1, 60))
def test_folding_changes_nothing_but_blanks(words: list[str], columns: int) -> None:
    line = " ".join(words)
    lines = folded(line, columns).split("\n")

    assert "".join(lines).replace(" ", "") == line.replace(" ", "")
    assert all(width(one) <= columns or one == line or "`" in one or " " not in one.strip() for one in lines)


def test_a_page_keeps_its_paragraphs_and_examples() -> None:
    page = "One sentence is here.\nAnd another one.\n\n    stages: [a-long-list, of-stages, that-stays]\n"

    assert refolded(page, 30) == (
        "One sentence is here. And\nanother one.\n\n    stages: [a-long-list, of-stages, that-stays]\n"
    )


def test_a_terminal_gets_folded_prose_and_a_pipe_whole_lines(
    nurture: Nurture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    seen = nurture("status", "--project", "nowhere", cwd=tmp_path, terminal=True, columns=30)
    piped = nurture("status", "--project", "nowhere", cwd=tmp_path, columns=30)

    assert max(map(len, seen.err.splitlines())) <= 30
    assert " ".join(seen.err.split()) == " ".join(piped.err.split())
    assert len(piped.err.splitlines()) == 2


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_rule_and_the_root_fit_the_terminal(nurture: Nurture, tmp_path: Path, columns: int) -> None:
    for words in (["rule", "people-stuck"], ["--help"]):
        page = nurture(*words, cwd=tmp_path, terminal=True, columns=columns).out
        prose = [line for line in page.splitlines() if not line.startswith("    ")]
        assert max(map(len, prose)) <= columns
