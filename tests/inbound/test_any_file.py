"""Whatever is in a file: it is refused in words, or every row is accounted for and the rules of consent hold."""

from __future__ import annotations

import csv
import dataclasses
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nurture_cli.address import normalise
from nurture_cli.errors import NurtureError
from nurture_cli.inbound.cells import clean
from nurture_cli.inbound.contacts import ContactOptions, _layout, contact_targets, import_contacts
from nurture_cli.inbound.events import EventOptions, import_events
from nurture_cli.inbound.opt_out_watch import OptOutWatch
from nurture_cli.inbound.report import ImportReport
from nurture_cli.inbound.rows import ContactRows
from nurture_cli.inbound.table import read_table
from nurture_cli.inbound.textfile import examine
from nurture_cli.keys import Keys
from nurture_cli.store.contacts import CONSENTS, iterate_contacts
from nurture_cli.store.create import scratch
from nurture_cli.store.database import Connection, writing
from nurture_cli.store.suppressions import suppress
from tests.conftest import A_TUESDAY_MORNING as NOW
from tests.examples import examples

from .conftest import CONFIG

KEYS = Keys(b"k" * 32)
HEADER = ["email", "first_name", "stage", "consent", "zone", "employees", "tags", "shoe"]
CELLS = {
    "email": [
        "a@x.example", "A@X.example", " b@x.example", "b@x.example\u200b", "c@x.example", "d@x.example", "", "no",
    ],
    "first_name": ["", "Ann", " Bob ", "O'Brien", "'=1", "(none)", "Zoë", "a¦b", "\t", "x\0", "\u00a0"],
    "stage": ["", "awareness", "name", "lead", "customer", "boss"],
    "consent": ["", "express", "implied", "unknown", "withdrawn", "Express", "maybe"],
    "zone": ["", "Europe/Paris", "PST", "(none)"],
    "employees": ["", "1", "2.5", "x", "(none)"],
    "tags": ["", "one", "two;one", " "],
    "shoe": ["", "42"],
}  # fmt: skip
ROW = st.tuples(*(st.sampled_from(CELLS[name]) for name in HEADER)).map(list)
RAGGED = st.lists(st.sampled_from(["", "x", "a@x.example"]), max_size=10).filter(
    lambda cells: len(cells) != len(HEADER)
)
ROWS = st.lists(st.one_of(ROW, ROW, ROW, RAGGED), max_size=80)
MANY = settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])


@contextmanager
def file_of(content: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_bytes(content)
        yield path


def csv_of(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *rows])
    return out.getvalue().encode()


def taken(db: Connection, path: Path, **options: Any) -> ImportReport:
    chosen = dataclasses.replace(ContactOptions(clear="(none)"), **options)
    return import_contacts(db, KEYS, CONFIG, path, chosen, now=NOW)


def contents(db: Connection) -> list[tuple[object, ...]]:
    tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall()
    return [(name, *row) for (name,) in tables for row in db.execute(f"SELECT * FROM {name}")]


def expected(rows: list[list[str]]) -> tuple[dict[str, int], dict[str, dict[str, Any]]]:
    """What an import into an empty store must give, written down once more without any haste."""
    counts = dict.fromkeys(("rows", "new", "duplicate", "skipped", "empty"), 0)
    people: dict[str, dict[str, Any]] = {}
    for cells in rows:
        if not "".join(cells).strip(" \t\u00a0") and ("\0" not in "".join(cells)):
            counts["empty"] += 1
            continue
        counts["rows"] += 1
        try:
            if len(cells) != len(HEADER):
                raise ValueError
            facts = {name: clean(cell, "(none)") for name, cell in zip(HEADER, cells, strict=True)}
            key = normalise(facts["email"] or "").key
            consent = "express" if facts["consent"] == "x" else (facts["consent"] or "unknown").casefold()
            if facts["stage"] not in (None, *CONFIG.stages) or consent not in CONSENTS:
                raise ValueError
            if facts["employees"] not in (None, "", "1", "2.5"):
                raise ValueError
        except ValueError:
            counts["skipped"] += 1
            continue
        if key in people:
            counts["duplicate"] += 1
            continue
        counts["new"] += 1
        number = facts["employees"]
        people[key] = {
            "first_name": facts["first_name"] or None,
            "stage": facts["stage"] or "awareness",
            "consent": consent,
            "zone": "Europe/Paris" if facts["zone"] == "Europe/Paris" else None,
            "zone_given": "PST" if facts["zone"] == "PST" else None,
            "fields": {"employees": float(number)} if number else {},
            "tags": {"one", "two"} if facts["tags"] == "two;one" else {"one"} if facts["tags"] else set(),
        }
    return counts, people


@MANY
@given(ROWS)
@example([["a@x.example", "", "", "", "", "", "", ""]] * 40)
@example([[f"p{at}@x.example", "Ann", "lead", "express", "PST", "1", "one", "42"] for at in range(70)])
def test_an_import_into_an_empty_store_gives_what_the_rows_say(rows: list[list[str]]) -> None:
    db = scratch(NOW)
    with file_of(csv_of(rows)) as path:
        report = taken(db, path)
        again = taken(db, path)
    counts, people = expected(rows)

    assert {name: report.counts[name] for name in counts} == counts
    assert report.rows == report.new + report.changed + report.same + report.duplicate + report.skipped
    found = {
        normalise(one.email).key: {name: getattr(one, name) for name in ("first_name", "stage", "consent", "zone")}
        | {"zone_given": one.zone_given, "fields": dict(one.fields), "tags": set(one.tags)}
        for one in iterate_contacts(db)
    }
    assert found == people
    once = {"new": 0, "same": 0, "leaving": 0}
    assert again.counts | once == report.counts | once
    assert (again.new, again.changed, again.same) == (0, 0, report.new)
    db.close()


@MANY
@given(ROWS, ROWS, st.booleans(), st.sets(st.sampled_from("abcd")))
def test_no_import_raises_consent_revives_an_address_or_takes_a_stage_back(
    first: list[list[str]], second: list[list[str]], raising: bool, left: set[str]
) -> None:
    db = scratch(NOW)
    with file_of(csv_of(first)) as path:
        taken(db, path)
    with writing(db):
        for name in left:
            suppress(db, KEYS.address_hash(f"{name}@x.example"), reason="manual", source="test", at=NOW)
    before = {one.address_hash: one for one in iterate_contacts(db)}
    held = set(db.execute("SELECT address_hash FROM suppression WHERE lifted_at IS NULL"))

    with file_of(csv_of(second)) as path:
        report = taken(db, path, raise_consent=raising)
        after = contents(db)
        again = taken(db, path, raise_consent=raising)

    assert report.rows == report.new + report.changed + report.same + report.duplicate + report.skipped
    assert set(db.execute("SELECT address_hash FROM suppression WHERE lifted_at IS NULL")) >= held
    for one in iterate_contacts(db):
        if one.address_hash in before:
            old = before[one.address_hash]
            assert raising or CONSENTS.index(one.consent) <= CONSENTS.index(old.consent)
            assert CONFIG.stages.index(one.stage) >= CONFIG.stages.index(old.stage)
            assert one.tags >= old.tags
            assert one.email == old.email
    assert (again.new, again.changed) == (0, 0)
    assert contents(db) == after
    db.close()


@MANY
@given(ROWS)
def test_rows_in_portions_are_rows_one_by_one(rows: list[list[str]]) -> None:
    def laid_down(quick: bool) -> tuple[list[Any], list[tuple[int, str]], int, int]:
        refused: list[tuple[int, str]] = []
        table = read_table(examine(path))
        layout = _layout(table, contact_targets(CONFIG), ContactOptions())
        made = ContactRows(
            table, layout, CONFIG, address_hash=KEYS.address_hasher(), watch=OptOutWatch(table.header, layout),
            refuse=lambda row, reason: refused.append((row, reason)), leave=lambda *_: None, now=NOW, clear="(none)",
        )  # fmt: skip
        if not quick:
            made._quickly = lambda _portion: None  # type: ignore[method-assign]
        laid = [row for portion in made for row in zip(*portion, strict=True)]
        return laid, refused, made.taken, made.empty

    with file_of(csv_of(rows)) as path:
        assert laid_down(quick=True) == laid_down(quick=False)


@MANY
@given(st.binary(max_size=400))
@example(b"email\n\xef\xbb\xbf")
@example(b'email,"\n')
@example(b"\xff\xfeemail")
@example(b"{}")
@example(b'{"email": "a@x.example"}\n[')
@example(b"sep=;\n")
def test_no_bytes_end_in_anything_but_a_report_or_words(content: bytes) -> None:
    db = scratch(NOW)
    for start in (b"", b"email,first_name\n", b"email,kind,at\n"):
        with file_of(start + content) as path:
            for act in (
                lambda path=path: taken(db, path),
                lambda path=path: import_events(db, KEYS, CONFIG, path, EventOptions(), now=NOW),
            ):
                try:
                    report = act()
                except NurtureError as refusal:
                    words = refusal.sentence
                else:
                    words = "."
                    parts = report.new + report.changed + report.same + report.duplicate + report.skipped
                    assert report.rows == parts
                assert words.endswith((".", "?"))
    db.close()


@pytest.mark.slow
@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.lists(st.text(max_size=12), min_size=3, max_size=3), max_size=40))
def test_what_is_exported_comes_back_as_it_was(rows: list[list[str]]) -> None:
    """Whatever texts contacts hold, guarded cells are the same texts again after an import."""
    from nurture_cli.inbound.cells import guarded

    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["email", "first_name", "last_name", "company"])
    texts = [[text.replace("\0", "").strip(" \u00a0\ufeff") for text in row] for row in rows]
    for at, row in enumerate(texts):
        writer.writerow([f"p{at}@x.example", *map(guarded, row)])
    db = scratch(NOW)
    with file_of(out.getvalue().encode("utf-8", "surrogatepass")) as path:
        try:
            import_contacts(db, KEYS, CONFIG, path, ContactOptions(), now=NOW)
        except NurtureError:
            assert any("\ud800" <= sign <= "\udfff" for row in texts for text in row for sign in text)
            db.close()
            return
    found = [[one.first_name, one.last_name, one.company] for one in iterate_contacts(db)]
    assert found == [[text if text and not text.isspace() else None for text in row] for row in texts]
    db.close()
