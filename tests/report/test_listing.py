"""Long lists: what SQLite writes is what Python would have written, and it comes a thousand rows at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture_cli.campaign.model import Config
from nurture_cli.cli import output
from nurture_cli.inbound import cells
from nurture_cli.inbound.tags import tags_cell
from nurture_cli.planner.selection import Selection
from nurture_cli.project import Project
from nurture_cli.records import Contact
from nurture_cli.report import contact_list
from nurture_cli.report.listing import (
    AT_A_TIME,
    ColumnKind,
    ListColumn,
    Listing,
    arrays,
    count,
    first,
    guarded,
    objects,
    quoted,
    texts_of,
)
from nurture_cli.store.contacts import iterate_contacts
from nurture_cli.store.create import scratch
from nurture_cli.store.database import Connection
from nurture_cli.store.fields import dump_fields
from tests.conftest import A_TUESDAY_MORNING as AT
from tests.store import rows

ODD = (
    "", "'", "''", "'=1", "''-", "=1+1", "+49 1", "-", "@a", "\t=", "\r\n", "\n", "a,b", 'say "hi"', "Müller", "北京",
    "\u202eabc", "\x7f", "\x1b[31m", "e\u0301", "\\back", "\x85", "\u2028x", "A", "`", "\x01", "0", "é=", '","', "\x1f",
)  # fmt: skip
NUMBERS = (5, -5, 0.1, 1e22, 1e-7, 0.30000000000000004, 2**63, 2**70, -0.0, 3.0, 1 / 3, True, False)
FIELDS = {"number": None, "text": None, "other": None}


@pytest.fixture
def db() -> Iterator[Connection]:
    db = scratch(AT)
    yield db
    db.close()


def everybody(db: Connection) -> Selection:
    return Selection(cast(Project, None), cast(Config, None), db, None, AT)


def words(at: int) -> str:
    return f"at {at}"


def flat(blocks: Iterator[list[str]]) -> list[str]:
    return [line for block in blocks for line in block]


def fill(db: Connection) -> list[Contact]:
    for number in range(1, 151):
        odd = [ODD[(number * step) % len(ODD)] for step in (1, 7, 11, 13)]
        fields: dict[str, Any] = {"number": NUMBERS[number % len(NUMBERS)], "text": odd[3]}
        rows.contact(
            db, number, first_name=odd[0], last_name=odd[1], company=odd[2], phone=None if number % 3 else "+49 40",
            fields=dump_fields(fields) if number % 5 else "{}", consent_at=AT - number if number % 2 else None,
        )  # fmt: skip
        for tag in odd[: number % 4]:
            if tag:
                db.execute("INSERT OR IGNORE INTO contact_tag VALUES (?, ?)", (number, tag))
    rows.suppression(db)
    return list(iterate_contacts(db))


def as_python_writes_it(contact: Contact) -> Mapping[str, Any]:
    at = {name: getattr(contact, name) for name in contact_list.TIMES}
    return {
        "id": contact.id,
        **{name: getattr(contact, name) for name in contact_list.FACTS},
        "fields": {name: contact.fields.get(name) for name in FIELDS},
        "tags": sorted(contact.tags),
        **{name: None if instant is None else words(instant) for name, instant in at.items()},
    }


def test_contacts_are_letter_by_letter_the_json_that_python_would_write(db: Connection) -> None:
    contacts = fill(db)
    written = [json.dumps(as_python_writes_it(one), ensure_ascii=False, separators=(",", ":")) for one in contacts]

    assert flat(objects(db, contact_list.for_programs(everybody(db), FIELDS), words)) == written


@pytest.mark.parametrize("raw", [False, True])
def test_an_export_has_the_cells_that_an_import_cleans(db: Connection, raw: bool) -> None:
    def cell(value: object) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        return (
            value if isinstance(value, str) and raw else cells.guarded(value) if isinstance(value, str) else str(value)
        )

    wanted = []
    for one in fill(db):
        values = [getattr(one, name) for name in contact_list.FACTS]
        values += [None if at is None else words(at) for at in (one.consent_at, one.consent_until)]
        values += [*(one.fields.get(name) for name in FIELDS), tags_cell(one.tags)]
        wanted.append(["" if value is None else cell(value) for value in values])

    listing = contact_list.for_export(db, everybody(db), FIELDS, raw=raw)
    assert [texts_of(array) for array in flat(arrays(db, listing, words))] == wanted


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.sampled_from(ODD))
def test_any_text_is_guarded_as_the_import_takes_it_off(text: str) -> None:
    db = scratch(AT)
    (found,) = db.execute(f"SELECT {guarded(':text')}", {"text": text}).fetchone()
    db.close()

    assert found == cells.guarded(text)


def many(number: int) -> Listing:
    return Listing(
        [
            ListColumn("n", "n.value", ColumnKind.NUMBER),
            ListColumn("even", "n.value % 2 = 0", ColumnKind.TRUTH),
            ListColumn("at", "n.value", ColumnKind.MOMENT),
        ],
        f"FROM json_each({quoted(json.dumps(list(range(number))))}) AS n",
    )


def test_a_long_list_begins_before_it_was_read_to_its_end(db: Connection) -> None:
    told: list[int] = []

    def noting(at: int) -> str:
        told.append(at)
        return str(at)

    for kind in (objects, arrays):
        told.clear()
        blocks = kind(db, many(5 * AT_A_TIME), noting)
        assert len(next(blocks)) == AT_A_TIME
        assert len(told) <= AT_A_TIME + 1
        assert [len(block) for block in blocks] == [AT_A_TIME] * 4


def test_no_list_is_sorted_that_an_index_has_in_its_order(db: Connection) -> None:
    fill(db)
    for listing in (
        contact_list.for_programs(everybody(db), FIELDS), contact_list.for_tables(everybody(db), FIELDS),
        contact_list.for_people(everybody(db)), contact_list.for_export(db, everybody(db), FIELDS, raw=False),
    ):  # fmt: skip
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN SELECT c.id {listing.source}", listing.bound)]
        assert plan == ["SCAN c"]


def test_texts_are_for_tables_and_values_for_programs(db: Connection) -> None:
    listing = many(3)

    assert flat(objects(db, listing.only(["even", "n"]), words))[2] == '{"even":true,"n":2}'
    assert first(db, listing, words, 2) == [["0", "yes", "at 0"], ["1", "no", "at 1"]]
    assert count(db, listing) == 3


def test_a_project_may_declare_more_fields_than_a_function_of_sqlite_takes(db: Connection) -> None:
    fields = {f"f{number}": None for number in range(230)}
    rows.contact(db, 1, fields=dump_fields({name: name for name in fields}))

    (line,) = flat(objects(db, contact_list.for_programs(everybody(db), fields), words))
    assert json.loads(line)["fields"] == {name: name for name in fields}
    (array,) = flat(arrays(db, contact_list.for_tables(everybody(db), fields), words))
    assert texts_of(array)[len(contact_list.FACTS) :][: len(fields)] == list(fields)


@given(st.lists(st.text() | st.sampled_from(ODD), min_size=1))
def test_a_line_of_json_is_made_harmless_as_a_document_is(values: list[str]) -> None:
    line = json.dumps(values, ensure_ascii=False, separators=(",", ":"))

    assert output._harmless(line) == output.as_json(values)
    assert json.loads(output._harmless(line)) == values
