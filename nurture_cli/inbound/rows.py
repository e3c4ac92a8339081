"""Rows of a contacts file, made ready for the store: cleaned, typed, with both forms of the address.

A million rows pass here. Most need no care, so they are taken in portions: a few looks at all cells of a portion
together show whether any of its rows needs a look of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain, repeat
from typing import Any

from nurture_cli.address import are_keys, email_and_key
from nurture_cli.campaign.model import Config
from nurture_cli.errors import WrongUsage
from nurture_cli.inbound.cells import BAR, are_short, clean, is_plain
from nurture_cli.inbound.column_names import bare_name
from nurture_cli.inbound.consent import (
    CONSENT,
    SUPPRESSED,
    least,
    read_consent_of,
    read_suppression,
    read_suppression_of,
    strongest,
)
from nurture_cli.inbound.headers import KNOWN
from nurture_cli.inbound.layout import EMAIL, Layout
from nurture_cli.inbound.opt_out import Said
from nurture_cli.inbound.opt_out_watch import OptOutWatch
from nurture_cli.inbound.plain import Columns
from nurture_cli.inbound.table import Rows, Table
from nurture_cli.inbound.tags import read_tags
from nurture_cli.inbound.values import (
    read_consent,
    read_instant,
    read_past,
    read_value,
    read_zone,
    shown,
    stage_reader,
)
from nurture_cli.store.contacts import CONSENTS

TEXT_TARGETS = (
    "first_name", "last_name", "company", "job_title", "role", "phone", "country", "language", "source",
    "consent_basis", "consent_source",
)  # fmt: skip
SEVERAL = (CONSENT, SUPPRESSED)  # targets that may have several columns: the one that says the least for mailing wins
OTHER_TARGETS = ("zone", "stage", CONSENT, "consent_at", "consent_until", SUPPRESSED, "tags")
CONSENT_AT = "consent_at"
CLEAR = ""  # means a cleared field from here to the store; a blank cell is None
_NEVER_CLEARED = frozenset(OTHER_TARGETS) - {"zone"} | {"consent_basis", "consent_source"}
_STAYING = frozenset(CONSENTS) - {"withdrawn"}
_PORTION = 64  # lines that are looked at together
_NAMED_SO = frozenset({CONSENT_AT, *(name for name, target in KNOWN.items() if target == CONSENT_AT)})
_MOST_UNREAD = 3  # dates that are named
_REMEMBERED = 10_000  # texts of one column

Cells = Sequence[str | None]
CellReader = Callable[[Sequence[Cells]], Iterable[Any]]  # from the columns of some rows to a value for each row


class ContactRows:
    """The rows of a table as the store takes them, in portions; each portion is a sequence of columns.

    It passes every row that it leaves out to `refuse`, and counts both; it passes the address of such a row to `leave`
    when the row says that its contact left.
    """

    def __init__(
        self,
        table: Table,
        layout: Layout,
        config: Config,
        *,
        address_hash: Callable[[str], bytes],
        refuse: Callable[[int, str], None],
        leave: Callable[[bytes, str], None],
        watch: OptOutWatch,
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
        self._leave = leave
        self._watch = watch
        self._advance = advance
        texts = [name for name in TEXT_TARGETS if name in layout.places and name not in layout.values]
        makers = _Readers(table.header, layout, config, now, tags)
        readers = makers.make(texts)
        self._unread = makers.unread
        self.columns = ("row", "address_hash", EMAIL, *texts, *readers)
        self._texts = [layout.places[name] for name in texts]
        self._kept = [layout.places[name] for name in texts if name in _NEVER_CLEARED]
        self._readers = list(readers.values())
        self._opt_outs = [readers[name] for name in SEVERAL if name in readers]

    @property
    def unread_dates(self) -> tuple[str, ...]:
        """Texts that are not dates, in the column of consent that was found by its name."""
        return tuple(self._unread)

    def __iter__(self) -> Iterator[Sequence[Sequence[Any]]]:
        with self.table.in_portions(_PORTION, self.clear) as portions:
            for portion in portions:
                columns = portion if isinstance(portion, Columns) else self._columns(portion)
                if self._advance is not None:
                    self._advance(len(portion))
                ready = None if columns is None else self._quickly(columns)
                if ready is not None and columns is not None:
                    self._watch.look(columns.cells)
                if ready is None:
                    rows = portion.rows if isinstance(portion, Columns) else portion
                    ready = list(zip(*self._carefully(rows), strict=True))
                if ready:
                    self.taken += len(ready[0])
                    yield ready

    def _columns(self, portion: Rows) -> Columns | None:
        """The rows as columns, or None when one of them has something to take off."""
        rows = [cells for _, cells in portion]
        joined = BAR.join(map(BAR.join, rows))
        if set(map(len, rows)) != {len(self.table.header)} or not is_plain(joined, self.clear):
            return None
        return Columns(portion[0][0], list(zip(*rows, strict=True))) if are_short(chain(*rows), joined) else None

    def _quickly(self, portion: Columns) -> Sequence[Sequence[Any]] | None:
        """The rows all at once, or None when one of them needs care."""
        emails: Sequence[str] = portion.cells[self.layout.places[EMAIL]]
        keys = emails
        try:
            if not are_keys(emails):
                emails, keys = zip(*map(email_and_key, emails), strict=True)
            ready = list(map(_or_none, portion.cells))
            others = [list(read(ready)) for read in self._readers]
        except ValueError:
            return None
        texts = [ready[place] for place in self._texts]
        return (portion.numbers, list(map(self._address_hash, keys)), emails, *texts, *others)

    def _carefully(self, portion: Sequence[tuple[int, Sequence[str]]]) -> Iterator[tuple[Any, ...]]:
        """The rows one by one, without those that are refused or empty."""
        width, at = len(self.table.header), self.layout.places[EMAIL]
        seen: list[Cells] = []
        for number, cells in portion:
            joined = BAR.join(cells)
            if len(cells) != width:
                if joined.strip(BAR + " "):
                    self._refuse_row(number, f"The row has {len(cells)} cells, the header has {width}.")
                else:
                    self.empty += 1
                continue
            try:
                plain = is_plain(joined, self.clear) and are_short(cells, joined)
                ready = _or_none(cells) if plain else self._clean(cells)
                if not any(ready):
                    self.empty += 1
                    continue
                seen.append(ready)
                email, key = email_and_key(ready[at] or "")
                texts = [ready[place] for place in self._texts]
                columns = [(cell,) for cell in ready]
                others = [value for read in self._readers for value in read(columns)]
                row = (number, self._address_hash(key), email, *texts, *others)
            except ValueError as error:
                self._refuse_row(number, str(error))
                self._let_go(cells)
            else:
                yield row
        if seen:
            self._watch.look(list(zip(*seen, strict=True)))

    def _refuse_row(self, number: int, reason: str) -> None:
        self.refused += 1
        self._refuse(number, reason)

    def _let_go(self, cells: Sequence[str]) -> None:
        """Pass on the address of a row that is left out when what was read says that the contact left."""
        try:
            ready = self._clean(cells)
            _, key = email_and_key(ready[self.layout.places[EMAIL]] or "")
        except ValueError:
            return
        said: list[str | None] = []
        for read in self._opt_outs:
            with suppress(ValueError):
                said += read([(cell,) for cell in ready])
        reason = strongest(*("unsubscribed" if one == "withdrawn" else one for one in said if one not in _STAYING))
        if reason is not None:
            self._leave(self._address_hash(key), reason)

    def _clean(self, cells: Sequence[str]) -> Cells:
        ready = [clean(cell, self.clear) for cell in cells]
        for place in self._kept:
            if ready[place] == CLEAR:
                raise ValueError(f"`{self.table.header[place]}` cannot be cleared by an import.")
        return ready


def _or_none(cells: Sequence[str]) -> Cells:
    return [cell or None for cell in cells] if "" in cells else cells


class _Seen(dict[str | None, Any]):
    """The values of texts that were read before, since most columns repeat themselves."""

    def __init__(self, read: Callable[[str | None], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str | None) -> Any:
        if len(self) >= _REMEMBERED:
            self.clear()
        value = self[text] = self._read(text)
        return value


class _Readers:
    """Makes the functions that read what is more than a text; each remembers what it has read."""

    def __init__(self, header: Sequence[str], layout: Layout, config: Config, now: int, tags: tuple[str, ...]) -> None:
        self.header = header
        self.layout = layout
        self.config = config
        self.tags = tags
        self.unread: list[str] = []
        self.typed: Mapping[str, Callable[[str], Any]] = {
            "stage": stage_reader(config.stages),
            CONSENT_AT: lambda text: self.consent_time(text, config.zone, now),
            "consent_until": lambda text: read_instant(text, config.zone),
        }

    def consent_time(self, text: str, zone: str, now: int) -> int | None:
        """When a contact agreed; in a column that the user did not name for it, an unreadable text costs no row."""
        try:
            return read_past(text, zone, now)
        except ValueError:
            place = self.layout.places.get(CONSENT_AT)
            if place is None or place in self.layout.said or bare_name(self.header[place]) in _NAMED_SO:
                raise
            if len(self.unread) < _MOST_UNREAD and text not in self.unread:
                self.unread.append(text)
            return None

    def make(self, texts: Sequence[str]) -> dict[str, CellReader]:
        """A reader for each column of `incoming` that is given and is not among the plain `texts`."""
        given = self.layout.given
        made: dict[str, CellReader] = {}
        for name in TEXT_TARGETS:
            if name in given and name not in texts:
                made[name] = self.reader(name, str)
        if "zone" in given:
            made["zone"] = self.reader("zone", lambda text: CLEAR if text == CLEAR else read_zone(text))
            made["zone_given"] = self.reader("zone", lambda text: None if text == CLEAR or read_zone(text) else text)
        for name, read in self.typed.items():
            if name in given:
                made[name] = self.reader(name, read)
        if CONSENT in given:
            made[CONSENT] = self.consent()
        if SUPPRESSED in given:
            made[SUPPRESSED] = self.suppression()
        fields = {name: self.field(name) for name in self.config.fields if name in given}
        if fields:
            made["fields"] = partial(_patches, list(fields.items()))
        if "tags" in given or self.tags:
            made["tags"] = self.all_tags("tags" in given)
        return made

    def reader(self, name: str, read: Callable[[str], Any]) -> CellReader:
        """Reads one target: from its column through the map of values, or the same constant for every row."""
        if name in self.layout.constants:
            return _always(_constant(name, self.layout.constants[name], read))
        return self.column(name, self.layout.places[name], read)

    def column(self, name: str, place: int, read: Callable[[str], Any]) -> CellReader:
        """Reads one target from one column."""
        meant = self.layout.values.get(name, {})
        other = meant.get("*")
        blank = meant.get("")

        def read_text(text: str | None) -> Any:
            if text is None:
                return read(blank) if blank else None
            if text == CLEAR:
                if name in _NEVER_CLEARED:
                    raise ValueError(f"`{name}` cannot be cleared by an import.")
                return read(CLEAR)
            text = meant.get(text, text if other is None else other)
            return read(text) if text else None  # a text that means nothing is a blank

        seen = _Seen(read_text)
        return lambda columns: map(seen.__getitem__, columns[place])

    def consent(self) -> CellReader:
        """The least consent of all columns and the constant; none for a list of opt-outs."""
        constant = self.layout.constants.get(CONSENT)
        given = None if constant is None else _constant(CONSENT, constant, read_consent)
        parts = [
            self.column(CONSENT, place, read_consent_of(self.header[place], given))
            for place in self.layout.several.get(CONSENT, ())
        ]
        parts += self.opt_outs(lambda said: "unknown" if said is Said.NEVER_AGREED else None)
        return _together(least, parts, given)

    def suppression(self) -> CellReader:
        """The strongest reason of all columns and the constant."""
        constant = self.layout.constants.get(SUPPRESSED)
        given = None if constant is None else _constant(SUPPRESSED, constant, read_suppression)
        return _together(strongest, self.opt_outs(lambda said: said.value if said.suppresses else None), given)

    def opt_outs(self, take: Callable[[Said], str | None]) -> list[CellReader]:
        """Readers of the columns of opt-outs, with what `take` makes of their texts."""

        def reader(place: int) -> CellReader:
            read = read_suppression_of(self.header[place])
            return self.column(SUPPRESSED, place, lambda text: take(read(text)))

        return [reader(place) for place in self.layout.several.get(SUPPRESSED, ())]

    def field(self, name: str) -> CellReader:
        type = self.config.fields[name]
        return self.reader(name, lambda text: CLEAR if text == CLEAR else read_value(text, type))

    def all_tags(self, column: bool) -> CellReader:
        always = list(self.tags)
        from_column = self.reader("tags", read_tags) if column else lambda columns: repeat(None, len(columns[0]))

        def read_all(columns: Sequence[Cells]) -> Iterator[str]:
            for given in from_column(columns):
                yield json.dumps(list(dict.fromkeys([*always, *(given or ())])), ensure_ascii=False)

        return read_all


def _always(value: Any) -> CellReader:
    return lambda columns: repeat(value, len(columns[0]))


def _together(choose: Callable[..., Any], parts: Sequence[CellReader], given: Any) -> CellReader:
    """What `choose` takes from several columns, and from what is given for every row."""
    if not parts:
        return _always(given)
    if len(parts) == 1 and given is None:
        return parts[0]
    return lambda columns: map(choose, *[read(columns) for read in parts], repeat(given, len(columns[0])))


def _constant(name: str, text: str, read: Callable[[str], Any]) -> Any:
    if not text.strip():
        raise WrongUsage(f"`{name}` is given as a constant without a value.")
    try:
        return read(text)
    except ValueError as error:
        raise WrongUsage(f"`{name}` cannot be {shown(text)} for every row. {error}") from None


def _patches(fields: list[tuple[str, CellReader]], columns: Sequence[Cells]) -> Iterator[str | None]:
    """Custom fields as JSON merge patches: a field that is cleared is null, one that is blank is not there."""
    names = [name for name, _ in fields]
    for values in zip(*[read(columns) for _, read in fields], strict=True):
        found = {
            name: None if isinstance(value, str) and value == CLEAR else value
            for name, value in zip(names, values, strict=True)
            if value is not None
        }
        yield json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False) if found else None
