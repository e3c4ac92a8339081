"""The list of contacts: all of them or those that a condition selects, in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from nurture_cli.inbound.tags import tag_in_cell
from nurture_cli.planner.selection import Selection
from nurture_cli.report.listing import ColumnKind, ListColumn, Listing, guarded, json_object, quoted
from nurture_cli.store.database import Connection

# What `list`, `show` and `export` print about a contact, in this order.
FACTS = (
    "email", "first_name", "last_name", "company", "job_title", "role", "phone", "country", "language", "source",
    "stage", "zone", "consent", "suppressed", "consent_basis", "consent_source",
)  # fmt: skip
TIMES = ("stage_at", "consent_at", "consent_until", "created_at", "updated_at")

_SQL: Mapping[str, str] = {
    "suppressed": "(SELECT s.reason FROM suppression s WHERE s.address_hash = c.address_hash AND s.lifted_at IS NULL)"
}
_OURS = ("stage", "consent", "suppressed")  # words that no spreadsheet takes for a formula
_TAGS = "FROM (SELECT tag FROM contact_tag WHERE contact_id = c.id ORDER BY tag)"
_TAGS_AS_JSON = f"(SELECT json_group_array(tag) {_TAGS})"
_TAG_IN_CELL = "iif(tag NOT GLOB '*[^a-zA-Z0-9_-]*', tag, tag_in_cell(tag))"  # few need Python
_TAGS_IN_A_CELL = f"SELECT group_concat({_TAG_IN_CELL}) AS cell {_TAGS}"
_NAME = "ifnull(c.first_name, '') || iif(c.first_name <> '' AND c.last_name <> '', ' ', '') || ifnull(c.last_name, '')"


def for_programs(selection: Selection, fields: Mapping[str, object]) -> Listing:
    """Contacts with all of their facts, as JSON; `fields` are those that the project declares."""
    columns = [ListColumn("id", "c.id", ColumnKind.NUMBER), *_facts(), _fields(fields)]
    columns += [ListColumn("tags", _TAGS_AS_JSON, ColumnKind.JSON), *_times(TIMES)]
    return _listing(selection, columns)


def for_tables(selection: Selection, fields: Mapping[str, object]) -> Listing:
    """Contacts with all of their facts, as texts."""
    columns = [
        *_facts(),
        *(_field(name) for name in fields),
        ListColumn("tags", f"(SELECT group_concat(tag) {_TAGS})"),
        *_times(TIMES),
    ]
    return _listing(selection, columns)


def for_export(db: Connection, selection: Selection, fields: Mapping[str, object], *, raw: bool) -> Listing:
    """Contacts as `contacts import` reads them back; unless `raw`, no text of them is a formula to a spreadsheet."""
    db.create_function("tag_in_cell", 1, tag_in_cell, deterministic=True)
    made = (lambda sql: sql) if raw else guarded
    facts = [ListColumn(fact.name, fact.sql if fact.name in _OURS else made(fact.sql)) for fact in _facts()]
    told = [_field(name, made) for name in fields]
    times = _times(("consent_at", "consent_until"))
    tags = ListColumn("tags", f"(SELECT {made('cell')} FROM ({_TAGS_IN_A_CELL}))")
    return _listing(selection, [*facts, *times, *told, tags])


def for_people(selection: Selection) -> Listing:
    """Contacts with what fits on a terminal."""
    facts = {fact.name: fact for fact in _facts()}
    shown = [facts[name] for name in ("company", "stage", "consent", "suppressed")]
    tags = ListColumn("tags", f"(SELECT group_concat(tag, ', ') {_TAGS})")
    return _listing(selection, [facts["email"], ListColumn("name", _NAME), *shown, tags])


def _listing(selection: Selection, columns: list[ListColumn]) -> Listing:
    chosen = f"WHERE c.id IN ({selection.ids})" if selection.ids else ""
    return Listing(columns, f"FROM contact c {chosen} ORDER BY c.id", selection.bound)


def _facts() -> Iterator[ListColumn]:
    for name in FACTS:
        yield ListColumn(name, _SQL.get(name, f"c.{name}"))


def _times(names: tuple[str, ...]) -> Iterator[ListColumn]:
    return (ListColumn(name, f"c.{name}", ColumnKind.MOMENT) for name in names)


def _fields(fields: Mapping[str, object]) -> ListColumn:
    return ListColumn("fields", json_object({name: _stored(name) for name in fields}), ColumnKind.JSON)


def _stored(name: str) -> str:
    """A field as a value for JSON."""
    value, kind = f"json_extract(c.fields, {_path(name)})", f"json_type(c.fields, {_path(name)})"
    return (
        f"CASE typeof({value}) WHEN 'text' THEN {value} WHEN 'null' THEN NULL WHEN 'real' THEN json({_as_stored(name)})"
        f" ELSE iif({kind} = 'integer', {value}, json({kind})) END"  # the kinds of truths are `true` and `false`
    )


def _field(name: str, made: Callable[[str], str] = lambda sql: sql) -> ListColumn:
    """A field as a text; `made` is what becomes of one that is a text already."""
    value = f"json_extract(c.fields, {_path(name)})"
    return ListColumn(
        name,
        f"CASE typeof({value}) WHEN 'text' THEN {made(value)} WHEN 'null' THEN NULL WHEN 'real' THEN {_as_stored(name)}"
        f" ELSE CASE json_type(c.fields, {_path(name)}) WHEN 'true' THEN 'yes' WHEN 'false' THEN 'no'"
        f" ELSE {value} || '' END END",
    )


def _as_stored(name: str) -> str:
    """A number letter by letter: one with a point that SQLite has read and writes again might be another one.

    Asked for twice, it comes in an array, as it is stored.
    """
    twice = f"json_extract(c.fields, {_path(name)}, {_path(name)})"
    return f"substr({twice}, 2, (length({twice}) - 3) / 2)"


def _path(name: str) -> str:
    return quoted(f'$."{name}"')
