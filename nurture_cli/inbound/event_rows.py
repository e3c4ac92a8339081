"""Rows of an events file, made ready for the store: checked, typed, each with the key that makes it one event."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nurture_cli.inbound.bounces import BOUNCE, BOUNCED, with_bounce
from nurture_cli.inbound.cells import MAX_CELL
from nurture_cli.inbound.column_map import ANY_OTHER
from nurture_cli.inbound.jsonlines import read_object
from nurture_cli.inbound.layout import EMAIL
from nurture_cli.inbound.values import read_boolean, read_past, shown
from nurture_cli.language.names import listed, nearest
from nurture_cli.store.events import event_key, given_key
from nurture_cli.store.fields import dump_fields
from nurture_cli.store.incoming_events import EventRow

PROPERTIES = "properties"
TARGETS = (EMAIL, "kind", "asset", "at", "id", "machine", BOUNCE, PROPERTIES)
_MAX_NAME = 200  # characters of an asset, a kind or an id
_PORTION = 10_000

RowFacts = Mapping[str, Any]  # by target, and the rest under PROPERTIES


@dataclass(frozen=True, slots=True)
class EventRules:
    """What makes a row an event."""

    kinds: frozenset[str]
    zone: str
    now: int
    source: str
    address_hash: Callable[[str], bytes]  # of an address, or of a token in its place
    values: Mapping[str, Mapping[str, str]]
    constants: Mapping[str, str]


class EventRows:
    """The events in rows; passes every row that it leaves out to `refuse`, and counts both."""

    def __init__(
        self,
        rows: Iterable[tuple[int, RowFacts | str]],
        rules: EventRules,
        *,
        refuse: Callable[[int, str], None],
        advance: Callable[[int], None] | None = None,
    ) -> None:
        self.taken = 0
        self.refused = 0
        self._rows = rows
        self._rules = rules
        self._refuse = refuse
        self._advance = advance

    def __iter__(self) -> Iterator[EventRow]:
        for number, facts in self._rows:
            if self._advance is not None and number % _PORTION == 0:
                self._advance(_PORTION)
            try:
                if isinstance(facts, str):
                    raise ValueError(facts)
                event = _event(number, facts, self._rules)
            except ValueError as error:
                self.refused += 1
                self._refuse(number, str(error))
            else:
                self.taken += 1
                yield event


def _event(number: int, facts: RowFacts, rules: EventRules) -> EventRow:
    address_hash = rules.address_hash(_text(facts, EMAIL, rules) or "")
    kind = _name(facts, "kind", rules)
    if kind is None:
        raise ValueError("The row does not say what kind of event it is.")
    if kind not in rules.kinds:
        near = nearest(kind, rules.kinds)
        hint = f" Did you mean `{near}`?" if near else f" The kinds are {listed(sorted(rules.kinds), 30)}."
        raise ValueError(f"{shown(kind)} is not a kind of event.{hint}")
    given = _text(facts, "at", rules)
    if given is None:
        raise ValueError("The row does not say when it happened.")
    at = read_past(given, rules.zone, rules.now)
    asset = _name(facts, "asset", rules) or ""
    machine = _text(facts, "machine", rules)
    kept = _properties(facts.get(PROPERTIES))
    if kind == BOUNCED:
        kept = with_bounce(kept, _text(facts, BOUNCE, rules))
    properties = dump_fields(kept)
    id = _name(facts, "id", rules)
    own_key = event_key(address_hash, kind, asset, at, properties) if id is None else given_key(rules.source, id)
    flag = int(machine is not None and read_boolean(machine))
    return number, address_hash, kind, asset, at, rules.source, own_key, flag, properties


def _text(facts: RowFacts, name: str, rules: EventRules) -> str | None:
    """The text of a target, through the map of values; None when blank."""
    value = facts.get(name, rules.constants.get(name))
    if value is None or value == "":
        return None
    if isinstance(value, bool) or (isinstance(value, int) and name == "id"):
        value = str(value).lower()
    if not isinstance(value, str):
        raise ValueError(f"`{name}` must be a text.")
    if "\0" in value or len(value) > MAX_CELL or not _encodable(value):
        raise ValueError(f"`{name}` holds characters that cannot be kept, or is too long.")
    meant = rules.values.get(name)
    return value if meant is None else meant.get(value, meant.get(ANY_OTHER, value))


def _name(facts: RowFacts, name: str, rules: EventRules) -> str | None:
    text = _text(facts, name, rules)
    if text is not None and (len(text) > _MAX_NAME or not text.isprintable()):
        raise ValueError(f"`{name}` is longer than {_MAX_NAME} characters, or holds control characters.")
    return text


def _properties(given: Any) -> dict[str, Any]:
    """The other properties of an event: a flat object, or the text of one."""
    if given is None or given == "":
        return {}
    if isinstance(given, str):
        given = read_object(given)
    if not isinstance(given, dict):
        raise ValueError("`properties` must be an object with names and values.")
    kept = {name: value for name, value in given.items() if value is not None}
    for name, value in kept.items():
        if isinstance(value, (dict, list)):
            raise ValueError(f"`properties` must be flat; {shown(name)} is not.")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{shown(name)} is too large a number.")
        if not _encodable(name) or (isinstance(value, str) and not _encodable(value)):
            raise ValueError("`properties` holds characters that cannot be kept.")
    return kept


def _encodable(text: str) -> bool:
    """Whether a text can be written as UTF-8, which half of a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
