"""Files made by others: the leads that a demo imports, and the edge cases that other tools ship."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from nurture_cli.errors import NurtureError
from nurture_cli.inbound.column_map import ColumnMap
from nurture_cli.store.contacts import iterate_contacts

from .conftest import Desk
from .test_contacts import numbers

STAGES = {"Closed Won": "customer", "Qualified": "lead", "*": "name"}

# Each file, and what becomes of it as it is: counts, or words of the refusal.
FATES: dict[str, dict[str, int] | str] = {
    "csvkit/bad.csv": "has no column with email addresses",
    "csvkit/blanks.csv": "has no column with email addresses",
    "csvkit/dummy.csv": "has no column with email addresses",
    "csvkit/dummy.csv.gz": "compressed with gzip",
    "csvkit/dummy_col_shuffled_ragged.csv": "has no column with email addresses",
    "csvkit/empty.csv": "is empty",
    "csvkit/mac_newlines.csv": "Its columns are `a`, `b`, `c`",
    "csvkit/no_header_row.csv": "has no column with email addresses",
    "csvkit/null_byte.csv": "has no column with email addresses",
    "csvkit/optional_quote_characters.csv": "Its columns are `a`, `b`, `c`",
    "csvkit/test_empty_columns.csv": "column 4 has no name",
    "csvkit/test_empty_columns_long_row.csv": "Its columns are `a`, `b`, `c`",
    "csvkit/test_empty_columns_short_row.csv": "Its columns are `a`, `b`, `c`",
    "csvkit/test_extra_header.csv": "Its columns are `a`, `b`, `c`, `d`",
    "csvkit/test_header_newline.csv": "Its columns are `start end`, `b`, `c`",
    "csvkit/test_latin1.csv": "is not UTF-8: line 3",
    "csvkit/test_locale.csv": "Its columns are `a`, `b`, `c`",
    "csvkit/test_utf16_big.csv": "Its columns are `a`, `b`, `c`",
    "csvkit/test_utf16_little.csv": "Its columns are `a`, `b`, `c`",
    "csvkit/test_utf8.csv": "Its columns are `foo`, `bar`, `baz`",
    "csvkit/test_utf8_bom.csv": "Its columns are `foo`, `bar`, `baz`",
    "dittofeed/missing-email-users.csv": "Its columns are `id`, `firstName`, `lastName`",
    "dittofeed/missing-headers-users.csv": "has no header row: its first row holds an address",
    "dittofeed/missing-identifiers.csv": "Its columns are `firstName`, `lastName`",
    "dittofeed/missing-some-identifiers.csv": {"rows": 5, "new": 3, "skipped": 2},
    "dittofeed/subscription-group-actions.csv": "holds contacts who opted out",  # in its column `action`
    "dittofeed/users.csv": {"rows": 5, "new": 5},
}

# With the address column named, the same files show what is done with their rows.
ROWS: dict[str, dict[str, int]] = {
    "csvkit/bad.csv": {"rows": 3, "skipped": 3},
    "csvkit/null_byte.csv": {"rows": 1, "skipped": 1},
    "csvkit/test_empty_columns_long_row.csv": {"empty": 1},
    "csvkit/test_empty_columns_short_row.csv": {"empty": 1},
    "csvkit/test_extra_header.csv": {"rows": 1, "skipped": 1},
    "csvkit/mac_newlines.csv": {"rows": 2, "skipped": 2},
    "csvkit/test_utf16_little.csv": {"rows": 2, "skipped": 2},
}


@pytest.mark.parametrize(("name", "fate"), FATES.items())
def test_each_edge_case_has_its_fate(
    desk: Desk, shared: Callable[[str], Path], name: str, fate: dict[str, int] | str
) -> None:
    path = shared(f"import_edge_cases/{name}")
    if isinstance(fate, str):
        with pytest.raises(NurtureError) as refusal:
            desk.contacts(path)
        assert fate in refusal.value.sentence
        assert desk.dump() == [row for row in desk.dump() if row[0] in ("instance", "_sqlite_migrations")]
    else:
        assert numbers(desk.contacts(path)) == fate


@pytest.mark.parametrize(("name", "fate"), ROWS.items())
def test_rows_of_edge_cases_are_all_accounted_for(
    desk: Desk, shared: Callable[[str], Path], name: str, fate: dict[str, int]
) -> None:
    path = shared(f"import_edge_cases/{name}")
    column = "column_a" if "bad" in name else "a"

    assert numbers(desk.contacts(path, email=column)) == fate


def test_every_edge_case_is_listed(shared: Callable[[str], Path]) -> None:
    folder = shared("import_edge_cases")

    assert set(FATES) == {str(file.relative_to(folder)) for file in folder.glob("*/*")}


def test_latin_1_is_read_when_it_is_asked_for(desk: Desk, shared: Callable[[str], Path]) -> None:
    report = desk.contacts(shared("import_edge_cases/csvkit/test_latin1.csv"), encoding="latin-1", email="a")

    assert report.said == "iso8859-1 as asked for, comma separated"
    assert numbers(report) == {"rows": 2, "skipped": 2}


def test_ten_thousand_leads_are_imported_as_they_are(desk: Desk, shared: Callable[[str], Path]) -> None:
    path = shared("leads/leads-10000.csv")
    known = json.loads(shared("leads/KNOWN.json").read_text())
    column_map = ColumnMap({"Deal Stage": "stage", "Phone 1": "phone"}, {"stage": STAGES}, tags=("leads",))

    report = desk.contacts(path, column_map=column_map)

    assert numbers(report) == {"rows": known["rows"], "new": known["distinct_email_1"]}
    assert report.columns["Email 1"] == "email"
    contacts = list(iterate_contacts(desk.db))
    assert Counter(one.source for one in contacts) == known["by_source"]
    expected: Counter[str] = Counter()
    for given, count in known["by_deal_stage"].items():
        expected[STAGES.get(given, STAGES["*"])] += count
    assert Counter(one.stage for one in contacts) == expected
    won = Counter(one.source for one in contacts if one.stage == "customer")
    assert won == known["closed_won_by_source"]
    assert sum("x" in (one.phone or "") for one in contacts) == known["phone_with_extension"]
    assert all(one.tags == {"leads"} for one in contacts)

    before = desk.dump()
    assert numbers(desk.contacts(path, column_map=column_map)) == {"rows": 10_000, "same": 10_000}
    assert desk.dump() == before
