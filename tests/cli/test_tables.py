import json

import pytest
from rich.cells import cell_len

from nurture_cli.cli import output
from nurture_cli.cli.tables import Cell, Column, show

COLUMNS = (Column("email", "Contact"), Column("touches", "Touches", right=True), Column("why", "Why"))
ROWS: list[tuple[Cell, ...]] = [("ann@example.com", 3, "because"), ("bob@example.com", None, True)]
HOSTILE = ["[/]", "[red]x[/red]", "[link=https://e.example]x[/link]", "[@click=app.bell]x", "\x1b[2J", "\x1b]0;t\x07"]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Standard output is a terminal of 80 columns without colours."""
    monkeypatch.setattr(output, "is_terminal", lambda _=None: True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    return monkeypatch


def test_piped_rows_are_tab_separated_under_a_header(capsys: pytest.CaptureFixture[str]) -> None:
    show(COLUMNS, ROWS)

    assert capsys.readouterr().out == ("email\ttouches\twhy\nann@example.com\t3\tbecause\nbob@example.com\t\tyes\n")


def test_piped_rows_are_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    show(COLUMNS, [("x" * 5000, 1, "")] * 3000, head=1)

    out = capsys.readouterr().out
    assert out.count("\n") == 3001
    assert out.count("x" * 5000) == 3000
    assert "…" not in out


def test_an_empty_list_says_so_to_people_and_nothing_to_programs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(rows: list[tuple[Cell, ...]], *, terminal: bool, json: bool = False) -> tuple[str, str]:
        monkeypatch.setattr(output, "is_terminal", lambda _=None: terminal)
        show(COLUMNS, rows, json=json, nothing="There is no contact.")
        return tuple(capsys.readouterr())

    assert said([], terminal=True) == ("", "There is no contact.\n")
    assert said([], terminal=False) == ("email\ttouches\twhy\n", "")
    assert said([], terminal=True, json=True) == ("", "")
    assert said(ROWS, terminal=True)[1] == ""


def test_tabs_and_line_ends_in_data_make_no_columns_or_rows(capsys: pytest.CaptureFixture[str]) -> None:
    show(COLUMNS, [("a\tb", 1, "c\nd\r\ne")])

    assert capsys.readouterr().out.splitlines()[1] == "a\\tb\t1\tc\\nd\\r\\ne"


def test_json_is_one_document_a_line_with_the_values_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    show(COLUMNS, [("a\tb\x1b[2J\x9b\u202e\udcff", None, False)], json=True)

    out = capsys.readouterr().out
    assert json.loads(out) == {"email": "a\tb\x1b[2J\x9b\u202e\udcff", "touches": None, "why": False}
    assert out[:-1].isprintable()


def test_a_terminal_gets_a_table(terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    show(COLUMNS, ROWS)

    assert capsys.readouterr().out.splitlines() == [
        "Contact          Touches  Why",
        "ann@example.com        3  because",
        "bob@example.com           yes",
    ]


def test_a_terminal_gets_the_head_of_a_long_list_and_the_number_of_the_rest(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    show(COLUMNS, (ROWS[0] for _ in range(1000)), head=3)

    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 4
    assert captured.err == "… and 997 more: pipe the output to see them all.\n"


@pytest.mark.parametrize("data", HOSTILE)
def test_data_is_never_markup_or_a_control_sequence(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: str
) -> None:
    terminal.delenv("NO_COLOR")

    show(COLUMNS, [("ann@example.com", 1, data)])

    body = capsys.readouterr().out.splitlines()[1]
    assert body.endswith(data.replace("\x1b", "\\x1b").replace("\x07", "\\x07"))
    assert "\x1b" not in body


@pytest.mark.parametrize("name", ["xterm", "dumb"])
@pytest.mark.parametrize("columns", [1, 20, 33, 64, 80, 100, 500, 100_000])
def test_every_width_shows_every_letter(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], columns: int, name: str
) -> None:
    terminal.setenv("COLUMNS", str(columns))
    terminal.setenv("TERM", name)
    cells = ("a-rather-long-address@example.com", 12345, "ABCDEFG " * 5 + "漢字e\u0301👩‍💻" + "hijklmnop" * 4)

    show(COLUMNS, [cells])

    out = capsys.readouterr().out
    shown = sorted("".join(out.split()))
    wanted = sorted("".join("".join(map(str, cells)).split()))
    assert all(shown.count(letter) >= wanted.count(letter) for letter in set(wanted))
    assert max(map(cell_len, out.splitlines())) <= max(columns, 20) or columns < 64


def test_a_terminal_without_room_goes_without_spare_columns_rather_than_break_words(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = (Column("at", "When"), Column("email", "Contact"), Column("asset", "Asset", spare=True))
    columns += (Column("step", "Step", spare=True),)
    row = ("2026-11-29 10:00 +01:00", "a-rather-long-address@example.com", "how-we-work", "any/how-we-work")

    show(columns, [row])
    captured = capsys.readouterr()
    terminal.setenv("COLUMNS", "88")
    show(columns, [row])
    terminal.setenv("COLUMNS", "50")
    show(columns[:3], [row[:3]])

    assert captured.out.splitlines()[1] == f"{row[0]}  {row[1]}  how-we-work"
    assert captured.err == "There was no room for: Step. A wider terminal shows it, and so does a pipe.\n"
    _, wide, _, *narrow = capsys.readouterr().out.splitlines()
    assert wide == "  ".join(row)
    assert narrow == [f"2026-11-29       {row[1]}", "10:00 +01:00"]


def test_a_narrow_terminal_gets_one_value_a_line(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.setenv("COLUMNS", "20")

    show(COLUMNS, ROWS)

    assert capsys.readouterr().out == (
        "Contact: ann@example.com\nTouches: 3\nWhy: because\n\nContact: bob@example.com\nWhy: yes\n"
    )


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals_that_want_them(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variables: dict[str, str], coloured: bool
) -> None:
    terminal.delenv("NO_COLOR")
    for name, value in variables.items():
        terminal.setenv(name, value)

    show(COLUMNS, ROWS)

    assert ("\x1b[1m" in capsys.readouterr().out) is coloured


def test_no_rows_make_no_table(terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    show(COLUMNS, [])

    assert capsys.readouterr().out == ""
