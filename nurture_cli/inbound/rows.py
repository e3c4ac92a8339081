"""Rows of a contacts file, made ready to be laid down: cleaned, typed, with both forms of the address.

A million rows pass here, so a row that needs no care is recognised by a few looks at all its cells together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

from nurture_cli.address import email_and_key
from nurture_cli.campaign.model import Config
from nurture_cli.inbound.cells import BAR, clean, is_plain
from nurture_cli.inbound.layout import EMAIL, Layout
from nurture_cli.inbound.table import Table
from nurture_cli.inbound.values import (
    read_consent,
    read_instant,
    read_past,
    read_tags,
    read_value,
    read_zone,
    stage_reader,
)

TEXT_TARGETS = (
    "first_name", "last_name", "company", "job_title", "role", "phone", "country", "language", "source",
    "consent_basis", "consent_source",
)  # fmt: skip
OTHER_TARGETS = ("zone", "stage", "consent", "consent_at", "consent_until", "tags")
CLEAR = ""  # stands for a clearing from here to the store; a blank cell is None
_NEVER_CLEARED = frozenset(OTHER_TARGETS) - {"zone"} | {"consent_basis", "consent_source"}
_PROGRESS = 10_000
_REMEMBERED = 10_000  # texts of one column

Cells = Sequence[str | None]
Reader = Callable[[Cells], Any]


class ContactRows:
    """The rows of a table as they are laid down; tells `refuse` of every row that it leaves out, and counts both."""

    def __init__(
        self,
        table: Table,
        layout: Layout,
        config: Config,
        *,
        address_hash: Callable[[str], bytes],
        refuse: Callable[[int, str], None],
        now: int,
        tags: tuple[str, ...] = (),
        clear: str | None = None,
        advance: Callable[[int], None] | None = None,
    ) -> None:
        self.table = table
        self.layout = layout
        self.clear = clear
        self.taken = 0
        self.refused = 0
        self.empty = 0
        self._address_hash = address_hash
        self._refuse = refuse
        self._advance = advance
        texts = [name for name in TEXT_TARGETS if name in layout.places and name not in layout.values]
        readers = _Readers(layout, config, now, tags).make(texts)
        self.columns = ("row", "address_hash", EMAIL, *texts, *readers)
        self._texts = [layout.places[name] for name in texts]
        self._kept = [layout.places[name] for name in texts if name in _NEVER_CLEARED]
        self._readers = list(readers.values())

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        width, at = len(self.table.header), self.layout.places[EMAIL]
        readers, address_hash, clear, advance = self._readers, self._address_hash, self.clear, self._advance
        texts = _several(self._texts)
        with self.table.reading() as rows:
            for number, cells in rows:
                if advance is not None and number % _PROGRESS == 0:
                    advance(_PROGRESS)
                joined = BAR.join(cells)
                if len(cells) != width:
                    self._leave_out(number, len(cells) if joined.strip(BAR + " ") else 0)
                    continue
                ready: Cells = cells
                try:
                    if not is_plain(joined, clear):
                        ready = self._clean(cells)
                    elif "" in cells:
                        ready = [cell or None for cell in cells]
                    if not any(ready):
                        self.empty += 1
                        continue
                    email, key = email_and_key(ready[at] or "")
                    row = (number, address_hash(key), email) + texts(ready)  # noqa: RUF005  half the time of a star
                    yield row + tuple([read(ready) for read in readers]) if readers else row
                    self.taken += 1
                except ValueError as error:
                    self._refuse_row(number, str(error))

    def _refuse_row(self, number: int, reason: str) -> None:
        self.refused += 1
        self._refuse(number, reason)

    def _leave_out(self, number: int, width: int) -> None:
        if width:
            self._refuse_row(number, f"The row has {width} cells, the header has {len(self.table.header)}.")
        else:
            self.empty += 1

    def _clean(self, cells: list[str]) -> Cells:
        ready = [clean(cell, self.clear) for cell in cells]
        for place in self._kept:
            if ready[place] == CLEAR:
                raise ValueError(f"`{self.table.header[place]}` cannot be cleared by an import.")
        return ready


def _several(places: list[int]) -> Callable[[Cells], tuple[str | None, ...]]:
    match places:
        case []:
            return lambda _cells: ()
        case [place]:
            return lambda cells: (cells[place],)
        case _:
            return itemgetter(*places)


class _Seen(dict[str | None, Any]):
    """What texts were read as; quicker than asking again, since most columns repeat themselves."""

    def __init__(self, read: Callable[[str | None], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str | None) -> Any:
        if len(self) >= _REMEMBERED:
            self.clear()
        value = self[text] = self._read(text)
        return value


class _Readers:
    """Makes the functions that read what is more than a text, each remembering what it saw before."""

    def __init__(self, layout: Layout, config: Config, now: int, tags: tuple[str, ...]) -> None:
        self.layout = layout
        self.config = config
        self.tags = tags
        self.typed: Mapping[str, Callable[[str], Any]] = {
            "stage": stage_reader(config.stages),
            "consent": read_consent,
            "consent_at": lambda text: read_past(text, config.zone, now),
            "consent_until": lambda text: read_instant(text, config.zone),
        }

    def make(self, texts: Sequence[str]) -> dict[str, Reader]:
        """A reader for each column of `incoming` that is given and is not among the plain `texts`."""
        given = {*self.layout.places, *self.layout.constants}
        made: dict[str, Reader] = {}
        for name in TEXT_TARGETS:
            if name in given and name not in texts:
                made[name] = self.reader(name, str)
        if "zone" in given:
            made["zone"] = self.reader("zone", lambda text: CLEAR if text == CLEAR else read_zone(text))
            made["zone_given"] = self.reader("zone", lambda text: None if text == CLEAR or read_zone(text) else text)
        for name, read in self.typed.items():
            if name in given:
                made[name] = self.reader(name, read)
        fields = {name: self.field(name) for name in self.config.fields if name in given}
        if fields:
            made["fields"] = partial(_patch, list(fields.items()))
        if "tags" in given or self.tags:
            made["tags"] = self.all_tags("tags" in given)
        return made

    def reader(self, name: str, read: Callable[[str], Any]) -> Reader:
        """Reads one target: from its column by way of the map of values, or the same constant for every row."""
        meant = self.layout.values.get(name, {})
        other = meant.get("*")

        def read_text(text: str | None) -> Any:
            if text is None:
                return None
            if text == CLEAR and name in _NEVER_CLEARED:
                raise ValueError(f"`{name}` cannot be cleared by an import.")
            return read(text if text == CLEAR else meant.get(text, text if other is None else other))

        if name in self.layout.constants:
            value = read_text(self.layout.constants[name])
            return lambda _cells: value
        place, seen = self.layout.places[name], _Seen(read_text)
        return lambda cells: seen[cells[place]]

    def field(self, name: str) -> Reader:
        type = self.config.fields[name]
        return self.reader(name, lambda text: CLEAR if text == CLEAR else read_value(text, type))

    def all_tags(self, column: bool) -> Reader:
        always = list(self.tags)
        from_column = self.reader("tags", read_tags) if column else lambda _cells: None
        return lambda cells: json.dumps(list(dict.fromkeys([*always, *(from_column(cells) or ())])), ensure_ascii=False)


def _patch(fields: list[tuple[str, Reader]], cells: Cells) -> str | None:
    """Custom fields as a JSON merge patch: a field that is cleared is null, one that is blank is not there."""
    found = {}
    for name, read in fields:
        value = read(cells)
        if value is not None:
            found[name] = None if value == CLEAR and isinstance(value, str) else value
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False) if found else None
