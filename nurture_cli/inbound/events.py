"""Events from a CSV file or from JSON lines: everything or nothing, and the same event twice counts once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nurture_cli.campaign.model import Config
from nurture_cli.errors import WrongUsage
from nurture_cli.inbound.cells import clean
from nurture_cli.inbound.column_map import IGNORE, ColumnMap
from nurture_cli.inbound.column_names import plain_name
from nurture_cli.inbound.event_rows import PROPERTIES, TARGETS, EventRows, EventRules, RowFacts
from nurture_cli.inbound.jsonlines import looks_like_json_lines, read_lines
from nurture_cli.inbound.layout import EMAIL, Layout, lay_out, refuse_unknown_targets
from nurture_cli.inbound.report import ImportReport, write_rejected_lines, write_rejects
from nurture_cli.inbound.table import Table, read_table
from nurture_cli.inbound.textfile import TextFile, examine
from nurture_cli.inbound.tokens import Addressees
from nurture_cli.keys import Keys
from nurture_cli.records import EVENT_KINDS
from nurture_cli.store import incoming_events, waiting
from nurture_cli.store.database import Connection, rehearsing
from nurture_cli.store.runs import record_import

# Plain column names that leave no doubt about what they hold.
_ALIASES = {
    "event": "kind", "event_kind": "kind", "event_type": "kind", "event_name": "kind",
    "date": "at", "time": "at", "timestamp": "at", "datetime": "at", "occurred_at": "at", "happened_at": "at",
    "event_id": "id", "key": "id",
    "bounce_type": "bounce", "bounce_class": "bounce", "severity": "bounce",
}  # fmt: skip
_RECOGNISED = _ALIASES | {target: target for target in TARGETS}


@dataclass(frozen=True, slots=True)
class EventOptions:
    """How to read the file, and which system it comes from."""

    column_map: ColumnMap = field(default_factory=ColumnMap)
    email: str | None = None  # the column of the address, when its name does not say it
    encoding: str | None = None
    delimiter: str | None = None
    source: str = "import"  # the ids of events are those of this system
    keep: bool = False  # keep unread columns as properties
    rejects: Path | None = None  # where to write the rows that are left out
    preview: bool = False  # count everything, then undo it


def import_events(
    db: Connection,
    keys: Keys,
    config: Config,
    path: Path,
    options: EventOptions,
    *,
    now: int,
    advance: Callable[[int], None] | None = None,
) -> ImportReport:
    """Import a file of events; `advance` is called with the number of rows read since the last call.

    Raises Findings for a file that cannot be read, WrongUsage when it is unclear what its columns mean.
    """
    file = examine(path, options.encoding)
    told = _Lines(file, options) if looks_like_json_lines(file) else _Rows(file, options)
    rules = EventRules(
        kinds=frozenset(EVENT_KINDS) | config.events,
        zone=config.zone,
        now=now,
        source=options.source,
        address_hash=Addressees(db, keys).address_hash,
        values=options.column_map.values,
        constants=options.column_map.constants,
    )
    with incoming_events.events_waiting(db):
        events = EventRows(told, rules, refuse=lambda row, reason: waiting.refuse_row(db, row, reason), advance=advance)
        incoming_events.lay_down_events(db, events)
        file.refuse_if_changed()
        with rehearsing(db, undo=options.preview):
            merged = incoming_events.merge_events(db, now)
            refused, repeated = waiting.count_problems(db)
            rejects = options.rejects if refused + repeated and not options.preview else None
            report = ImportReport(
                file=str(path),
                said=told.said,
                columns=told.columns,
                ignored=told.ignored,
                rows=events.taken + events.refused,
                new=merged.new,
                changed=0,
                same=merged.same,
                duplicate=repeated,
                skipped=refused,
                empty=told.empty,
                notes={name: count for name, count in merged.notes.items() if count},
                reasons=waiting.reasons(db),
                rejects=rejects,
            )
            if rejects is not None:
                told.write_rejects(waiting.problems(db), rejects)
                file.refuse_if_changed()
            if merged.new:
                record_import(db, at=now, kind="events", file=path.name, file_hash=file.sha256, counts=report.counts)
    return report


class _Rows:
    """The rows of a CSV file as facts."""

    def __init__(self, file: TextFile, options: EventOptions) -> None:
        self.table: Table = read_table(file, options.delimiter)
        self.layout: Layout = lay_out(
            self.table, options.column_map, recognised=_RECOGNISED, targets=TARGETS, email=options.email
        )
        self.said = self.table.said
        self.columns: Mapping[str, str] = {
            self.table.header[place]: target for target, place in self.layout.places.items()
        }
        on_purpose = {name for name, target in options.column_map.columns.items() if target == IGNORE}
        self.kept = [name for name in self.layout.ignored if name not in on_purpose] if options.keep else []
        self.ignored = tuple(name for name in self.layout.ignored if name not in self.kept)
        self.empty = 0
        if self.kept and PROPERTIES in self.layout.places:
            raise WrongUsage(
                "The file has a column `properties` already, so other columns cannot be kept as properties."
            )

    def __iter__(self) -> Iterator[tuple[int, RowFacts | str]]:
        width = len(self.table.header)
        kept = [(name, self.table.header.index(name)) for name in self.kept]
        with self.table.reading() as rows:
            for number, cells in rows:
                try:
                    ready = [clean(cell, None) for cell in cells]
                except ValueError as error:
                    yield number, str(error)
                    continue
                if not any(ready):
                    self.empty += 1
                elif len(cells) != width:
                    yield number, f"The row has {len(cells)} cells, the header has {width}."
                else:
                    facts: dict[str, object] = {
                        name: cell for name, place in self.layout.places.items() if (cell := ready[place]) is not None
                    }
                    if kept:
                        facts[PROPERTIES] = {name: cell for name, place in kept if (cell := ready[place]) is not None}
                    yield number, facts

    def write_rejects(self, problems: Iterable[tuple[int, str]], path: Path) -> None:
        write_rejects(self.table, problems, path)


class _Lines:
    """The objects of a file of JSON lines as facts."""

    def __init__(self, file: TextFile, options: EventOptions) -> None:
        refuse_unknown_targets(options.column_map, TARGETS)
        self.file = file
        self.said = f"{file.said}, JSON lines"
        self.keep = options.keep
        self.empty = 0
        self.names = (
            _RECOGNISED
            | {"e_mail": EMAIL, "mail": EMAIL}
            | {plain_name(name): target for name, target in options.column_map.columns.items()}
        )
        if options.email is not None:
            self.names[plain_name(options.email)] = EMAIL
        self._columns: dict[str, str] = {}
        self._ignored: dict[str, None] = {}

    @property
    def columns(self) -> Mapping[str, str]:
        return dict(self._columns)

    @property
    def ignored(self) -> tuple[str, ...]:
        return tuple(self._ignored)

    def __iter__(self) -> Iterator[tuple[int, RowFacts | str]]:
        for number, found in read_lines(self.file):
            yield number, found if isinstance(found, str) else self._facts(found)

    def _facts(self, found: Mapping[str, object]) -> RowFacts | str:
        facts: dict[str, object] = {}
        rest: dict[str, object] = {}
        for name, value in found.items():
            target = self.names.get(plain_name(name))
            if target is None or target == IGNORE:
                if self.keep and target is None:
                    rest[name] = value
                elif len(self._ignored) < 100:
                    self._ignored[name] = None
            elif target in facts:
                return f"Two names of this object could be `{target}`."
            else:
                facts[target] = value
                if len(self._columns) < 100:
                    self._columns[name] = target
        if rest:
            given = facts.get(PROPERTIES) or {}
            if not isinstance(given, dict):
                return "`properties` must be an object with names and values."
            facts[PROPERTIES] = {**rest, **given}
        return facts

    def write_rejects(self, problems: Iterable[tuple[int, str]], path: Path) -> None:
        write_rejected_lines(self.file, problems, path)
