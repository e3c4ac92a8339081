import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture_cli.cli import caret
from nurture_cli.cli.inert import width
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span


def finding(span: Span, **more: object) -> Diagnostic:
    words = {"rule": "missing-asset", "severity": Severity.ERROR, "message": 'There is no asset "why".', **more}
    return Diagnostic(span=span, **words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "col", "end", "shown", "under"),
    [
        ("- send: why", 9, 12, "- send: why", "        ^^^"),
        ("\t- send: why", 10, 13, "    - send: why", "            ^^^"),
        ("漢字: why", 5, 8, "漢字: why", "      ^^^"),
        ("e\u0301: why", 5, 8, "e\u0301: why", "   ^^^"),
        ("\x1b[2J: why", 7, 10, "\\x1b[2J: why", "         ^^^"),
        ("x: 漢字", 4, 6, "x: 漢字", "   ^^^^"),
        ("short", 6, 6, "short", "     ^"),
        ("short", 99, 120, "short", "     ^"),
        ("", 1, 1, "", "^"),
        ("trailing:   ", 1, 9, "trailing:", "^^^^^^^^"),
    ],
)
def test_the_caret_stands_under_the_very_word(line: str, col: int, end: int, shown: str, under: str) -> None:
    drawn, before, length = caret.drawn(line, col, end)

    assert drawn == shown
    assert " " * before + "^" * length == under


def test_a_long_line_is_cut_around_the_caret() -> None:
    drawn, before, length = caret.drawn("a" * 5000 + "BAD" + "b" * 5000, 5001, 5004)

    assert drawn[before : before + length] == "BAD"
    assert width(drawn) <= caret.LONGEST_LINE
    assert drawn.startswith("…")
    assert drawn.endswith("…")


def test_on_a_terminal_a_line_and_its_caret_fit_the_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nurture_cli.cli.output.is_terminal", lambda _=None: True)
    monkeypatch.setenv("COLUMNS", "80")
    source = caret.SourceLines({"a.yml": "one two " * 12 + "BAD" + " three four" * 12})

    _, line, mark, *_ = caret.text(finding(Span("a.yml", 1, 97, 100)), source, prefix="", colour=False).splitlines()

    assert (width(line), line[mark.index("^") : mark.index("^") + 3], mark.strip(" |1")) == (79, "BAD", "^^^")


@given(st.text(max_size=400), st.integers(1, 500), st.integers(1, 500))
def test_any_line_and_place_can_be_drawn(line: str, col: int, end: int) -> None:
    drawn, before, length = caret.drawn(line, col, end)

    assert before >= 0
    assert length >= 1
    assert width(drawn) <= max(caret.LONGEST_LINE, before)


def test_a_finding_shows_place_message_rule_line_caret_help_and_related_places() -> None:
    source = caret.SourceLines({"campaigns/a.yml": "stages:\n  lead:\n    - send: why\n"})
    found = finding(
        Span("campaigns/a.yml", 3, 13, 16),
        help="Did you mean `why-zero-trust`?",
        related=((Span("campaigns/a.yml", 2, 3, 7), "in this sequence"),),
    )

    text = caret.text(found, source, prefix="shop/", colour=False)

    assert text == (
        'shop/campaigns/a.yml:3:13: error: There is no asset "why". [missing-asset]\n'
        "  3 |     - send: why\n"
        "    |             ^^^\n"
        "  help: Did you mean `why-zero-trust`?\n"
        "  shop/campaigns/a.yml:2:3: in this sequence\n"
        "  2 |   lead:\n"
        "    |   ^^^^"
    )


def test_without_a_line_to_show_the_message_stands_alone() -> None:
    found = finding(Span("nurture.yml", 9, 1, 2))

    text = caret.text(found, caret.SourceLines({}), prefix="", colour=False)

    assert text == 'nurture.yml:9:1: error: There is no asset "why". [missing-asset]'


def test_what_comes_from_a_file_cannot_colour_the_terminal() -> None:
    source = caret.SourceLines({"a.yml": "x: \x1b[31m\n"})
    found = finding(Span("a.yml", 1, 4, 5), message="No such thing: \x1b[2J")

    assert "\x1b" not in caret.text(found, source, prefix="", colour=False)


def test_lines_are_counted_as_yaml_counts_them() -> None:
    source = caret.SourceLines({"a.yml": "one\r\ntwo\rthree\u2028four"})

    assert [source.line("a.yml", number) for number in range(6)] == [None, "one", "two", "three", "four", None]


def test_an_annotation_for_github_escapes_what_would_end_it() -> None:
    found = finding(Span("a,b:c.yml", 3, 5, 9), message="100% wrong\nand more", severity=Severity.NOTE)

    assert caret.annotation(found, prefix="") == (
        "::notice file=a%2Cb%3Ac.yml,line=3,col=5,endColumn=9,title=missing-asset::100%25 wrong%0Aand more"
    )


def test_a_finding_is_plain_json_for_programs() -> None:
    found = finding(Span("a.yml", 3, 5, 9), related=((Span("b.yml", 1, 1, 2), "here"),))

    assert json.loads(json.dumps(caret.as_mapping(found))) == {
        "rule": "missing-asset",
        "severity": "error",
        "file": "a.yml",
        "line": 3,
        "column": 5,
        "end_column": 9,
        "message": 'There is no asset "why".',
        "help": None,
        "related": [{"file": "b.yml", "line": 1, "column": 1, "end_column": 2, "message": "here"}],
    }


def test_the_counts_are_said_in_words() -> None:
    span = Span("a.yml", 1, 1, 2)
    counts = caret.counted([finding(span), finding(span), finding(span, severity=Severity.WARNING)])

    assert caret.sentence(counts, 14) == "2 errors, 1 warning in 14 files."
    assert caret.sentence(caret.counted([]), 1) == "Nothing wrong in 1 file."


@pytest.mark.parametrize("col", [1, 100, 1_601, 5_000, 299_990, 300_000])
def test_a_monstrous_line_is_drawn_like_any_long_one_and_at_once(col: int) -> None:
    line = "".join(chr(97 + number % 26) for number in range(300_000))

    began = time.process_time()
    shown, before, under = caret.drawn(line, col, col + 3)

    assert time.process_time() - began < 0.5
    assert shown[before : before + under] == line[col - 1 : col + 2]
    assert shown.startswith("…") == (col > 60)
    assert shown.endswith("…") == (col < 299_000)
    assert len(shown) <= caret.LONGEST_LINE
