import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture_cli.cli.inert import clip, inert, inert_characters, is_plain, width


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("Ann O'Brien", "Ann O'Brien"),
        ("[red]x[/]", "[red]x[/]"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\tb\nc\r", "a\\tb\\nc\\r"),
        ("\u202eevil", "\\u202eevil"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\udcff", "\\udcff"),
        ("\U000e0041", "\\U000e0041"),
        ("漢字", "漢字"),
        ("👩‍💻", "👩‍💻"),
        ("Zoe\u0308", "Zoe\u0308"),
    ],
)
def test_what_could_move_the_cursor_is_written_out(data: str, shown: str) -> None:
    assert inert(data) == shown


def test_a_tower_of_marks_is_cut_down() -> None:
    assert len(inert("a" + "\u0301" * 10_000)) == 5


@given(st.text())
def test_no_control_format_or_separator_comes_out_but_joiners(text: str) -> None:
    harmless = (character for character in inert(text) if character not in "\u200c\u200d")

    assert {"Cc", "Cf", "Cs", "Zl", "Zp"}.isdisjoint(map(unicodedata.category, harmless))


@given(st.text())
def test_each_character_has_its_own_piece(text: str) -> None:
    pieces = inert_characters(text)

    assert len(pieces) == len(text)
    assert "".join(pieces) == inert(text)


@given(st.text(), st.integers(1, 30))
def test_a_clipped_text_is_never_wider_than_asked(text: str, columns: int) -> None:
    clipped = clip(inert(text), columns)

    assert width(clipped) <= columns


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("漢字", 4), ("e\u0301", 1), ("👩‍💻", 4), ("", 0)])
def test_the_width_is_what_a_terminal_gives_it(text: str, columns: int) -> None:
    assert width(text) == columns


def test_what_looks_plain_at_a_glance_is_plain_character_by_character() -> None:
    for number in (*range(0x1000), 0x200C, 0x202E, 0x2066, 0xE0041, 0x1F469):
        if is_plain(chr(number)):
            assert inert_characters(chr(number)) == [chr(number)]
            assert unicodedata.category(chr(number)) not in ("Mn", "Me", "Cf", "Cc")
    assert is_plain("Müller & Söhne")
    assert not is_plain("e\u0301" * 9)
