from __future__ import annotations

import pytest

from nurture_cli.inbound.cells import FORMULA_SIGNS, are_short, clean, guarded, is_plain
from nurture_cli.inbound.values import (
    read_boolean,
    read_consent,
    read_date,
    read_instant,
    read_number,
    read_past,
    read_value,
    read_zone,
    shown,
    stage_reader,
)
from nurture_cli.language.expression import Type
from tests.conftest import A_TUESDAY_MORNING as NOW

DAY = 86400


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("-12", -12), ("+7", 7), ("1.50", 1.5), ("1e3", 1000.0), ("007", 7), (str(2**63 - 1), 2**63 - 1)],
)
def test_a_number_is_read_exactly(text: str, number: float) -> None:
    assert read_number(text) == number
    assert type(read_number(text)) is type(number)


@pytest.mark.parametrize(
    "text",
    ["1,5", "1.000,00", "1 000", "1_000", "NaN", "Infinity", "-inf", "0x10", "1.", ".5", "", "12%", "1e999", "١٢",
     str(2**63), "9" * 5000],
)  # fmt: skip
def test_what_is_no_number_that_can_be_kept_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        read_number(text)


@pytest.mark.parametrize(
    ("text", "value"), [("yes", True), ("TRUE", True), ("1", True), ("No", False), ("false", False), ("0", False)]
)
def test_yes_and_no_have_three_spellings_each(text: str, value: bool) -> None:
    assert read_boolean(text) is value


@pytest.mark.parametrize("text", ["", "y", "on", "maybe", "2", "ja"])
def test_anything_else_is_neither(text: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        read_boolean(text)


def test_a_date_is_kept_as_it_is_written() -> None:
    assert read_date("2028-02-29") == "2028-02-29"


@pytest.mark.parametrize(
    "text",
    ["31/02/2026", "03/04/05", "2026-02-30", "2026-13-01", "0000-01-01", "9999-01-01", "20260101", "2026-1-1",
     "2026-W01-1", "1772528400", "2026-01-01T00:00", "soon", ""],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|years"):
        read_date(text)


def test_a_time_without_an_offset_is_in_the_zone_of_the_project() -> None:
    assert read_instant("2026-03-03 10:00", "Europe/Berlin") == NOW
    assert read_instant("2026-03-03T09:00:00Z", "Europe/Berlin") == NOW


def test_what_has_happened_is_not_in_the_future() -> None:
    assert read_past("2026-03-04", "Europe/Berlin", NOW) > NOW  # another clock may be ahead, by a day at most
    with pytest.raises(ValueError, match="in the future"):
        read_past("2026-03-05", "Europe/Berlin", NOW)


@pytest.mark.parametrize("text", ["x" * 5000, "03/04/05", "1772528400"])
def test_a_time_in_no_known_form_is_refused_in_few_words(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date or time") as refusal:
        read_instant(text, "Europe/Berlin")
    assert len(str(refusal.value)) < 200


def test_consent_has_four_words_in_any_case() -> None:
    assert [read_consent(word) for word in ("Express", "implied", "UNKNOWN", "withdrawn")] == [
        "express", "implied", "unknown", "withdrawn",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="`subscribed` is not a consent"):
        read_consent("subscribed")


def test_a_stage_outside_the_model_is_refused_with_the_list() -> None:
    with pytest.raises(ValueError, match="`Lead` is not a stage: the stages are `name`, `lead`"):
        stage_reader(("name", "lead"))("Lead")


@pytest.mark.parametrize(
    ("text", "zone"),
    [("Europe/Paris", "Europe/Paris"), ("europe/paris", "Europe/Paris"), ("America/New York", "America/New_York"),
     ("UTC", "UTC"), ("Etc/GMT+2", "Etc/GMT+2"), ("Asia/Kolkata", "Asia/Kolkata")],
)  # fmt: skip
def test_a_zone_is_an_iana_name(text: str, zone: str) -> None:
    assert read_zone(text) == zone


@pytest.mark.parametrize(
    "text",
    ["PST", "EST", "EST5EDT", "CET", "GMT+2", "UTC+2", "+02:00", "Paris", "Europe", "Central European Time", "x" * 900,
     "../../etc/passwd", "Europe/Atlantis"],
)  # fmt: skip
def test_what_names_no_place_is_no_zone(text: str) -> None:
    assert read_zone(text) is None


def test_a_text_stays_what_it_is() -> None:
    texts = ["None", "null", "NaN", "true", "O'Brien", "Robert'); DROP TABLE contact;--", "0049", "1E5", "R&D <x>"]

    assert [read_value(text, Type.TEXT) for text in texts] == texts


def test_a_message_repeats_a_cell_only_in_part_and_inert() -> None:
    assert shown("\x1b[2J" + "x" * 100) == "`·[2J" + "x" * 36 + "…`"


@pytest.mark.parametrize("sign", FORMULA_SIGNS)
@pytest.mark.parametrize("rest", ["cmd|' /C calc'!A0", "1", ""])
def test_a_formula_is_guarded_on_the_way_out_and_whole_again_on_the_way_in(sign: str, rest: str) -> None:
    text = sign + rest
    for value in (text, f"'{text}", f"''{text}"):
        assert guarded(value) == f"'{value}"
        if not value.isspace():
            assert clean(guarded(value), None) == value


@pytest.mark.parametrize("text", ["O'Brien", "'tis", "a=b", "'", "''", "Zoë"])
def test_other_texts_are_not_touched(text: str) -> None:
    assert guarded(text) == text
    assert clean(text, None) == text


def test_a_cell_is_trimmed_of_blanks_and_of_nothing_else() -> None:
    assert clean("  Ann \u00a0", None) == "Ann"
    assert clean("\t=1", None) == "\t=1"
    assert clean(" \t\u00a0 ", None) is None
    assert clean("", None) is None
    assert clean("(none)", "(none)") == ""


@pytest.mark.parametrize(("cell", "words"), [("x" * 10_001, "10,000 characters"), ("a\0b", "NUL")])
def test_a_cell_that_cannot_be_kept_is_refused(cell: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        clean(cell, None)


def test_rows_that_need_care_are_never_called_plain() -> None:
    careful = ["a¦b ", " a¦b", "a ¦b", "a¦ b", "a¦'=1", "a\0¦b", "a¦b\t", "'=1¦a", "a¦(none)"]

    assert [joined for joined in careful if is_plain(joined, "(none)")] == []
    for joined in ("a¦b c¦d", "O'Brien¦d'"):
        assert is_plain(joined, "(none)")


def test_one_long_cell_is_found_among_short_ones() -> None:
    for cells in (["a", "x" * 10_001], ["x" * 10_001]):
        assert not are_short(cells, "¦".join(cells))
    for cells in (["a" * 6_000, "x" * 6_000], ["x" * 10_000]):
        assert are_short(cells, "¦".join(cells))
