"""The two kinds of lines of the send journal: how they are written, and how they are read again."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from types import NoneType
from typing import Any

from nurture_cli.errors import InputOutput, Refused
from nurture_cli.ownership import give_back
from nurture_cli.store.faults import DiskFull
from nurture_cli.store.suppressions import REASONS

FORMAT = 1
LONGEST_LINE = 65536  # bytes


@dataclass(frozen=True, slots=True)
class TouchLine:
    """One touch at its point of no return; `contact` is the hash of the address (hexadecimal)."""

    key: str
    contact: str
    campaign: str
    step: str
    hop: int
    asset: str
    family: str
    once_scope: str
    channel: str
    reaches_contact: bool
    stream: bool
    due_at: int
    campaign_hash: str
    asset_hash: str
    body_hash: str
    message_id: str
    run_id: int
    at: int


@dataclass(frozen=True, slots=True)
class SuppressionLine:
    """One suppression as it was made or lifted; the query `suppression_line` writes it.

    `suppressed` is the hash of the address (hexadecimal), `number` the row in the database that wrote the line.
    """

    suppressed: str
    number: int
    reason: str
    source: str
    at: int
    lifted_at: int | None
    lifted_why: str | None


Line = TouchLine | SuppressionLine

_NAMES = tuple(field.name for field in fields(TouchLine))
_values_of = attrgetter(*_NAMES)
_TYPES = {"str": str, "int": int, "bool": bool, "None": NoneType}
_KINDS = {
    line: [(field.name, {_TYPES[name] for name in str(field.type).split(" | ")}) for field in fields(line)]
    for line in (TouchLine, SuppressionLine)
}
_LONGEST_NUMBER = 63  # bits, beside the sign
_HASH = re.compile(r"[0-9a-f]{32}")
_NUMBER = r"\d{1,18}"
_KEY = re.compile(
    rf"(recalled/)*(request/{_NUMBER}|handoff/{_NUMBER}/{_NUMBER}|.+/{_NUMBER}/{_NUMBER}/{_NUMBER})", re.ASCII
)
_ENCODER = json.JSONEncoder(separators=(",", ":"))  # made once: `dumps` would make one for each line


def header(owner: str) -> bytes:
    """The first line of the journal of the database with this id."""
    return _encoded({"journal": FORMAT, "instance": owner})


def encoded(lines: Iterable[TouchLine]) -> bytes:
    """Lines as bytes of the journal, whose length is known before they are written."""
    return b"".join([_encoded(dict(zip(_NAMES, _values_of(line), strict=True))) for line in lines])


def _encoded(line: Mapping[str, object]) -> bytes:
    return _ENCODER.encode(line).encode() + b"\n"


def read_header(path: Path) -> tuple[int, str | None]:
    """Where the lines begin, and the id of the database that the journal belongs to (None: there is no journal)."""
    try:
        with path.open("rb") as file:
            raw = file.readline(LONGEST_LINE)
    except FileNotFoundError:
        return 0, None
    except OSError as error:
        raise _file_error(path, error) from None
    if not raw.endswith(b"\n"):
        return 0, None
    try:
        head = json.loads(raw)
        if head["journal"] != FORMAT:
            raise Refused(
                f"The send journal {path} was written by a newer version of nurture.", "Install that version."
            )
        return len(raw), str(head["instance"])
    except (ValueError, TypeError, KeyError):
        raise _altered(path) from None


def read_lines(path: Path, start: int) -> Iterator[tuple[int, Line]]:
    """The whole lines from byte `start` on, each with the byte at which it ends; leaves out a torn last line."""
    with translated_oserror(path), path.open("rb") as file:
        if start:
            file.seek(start - 1)
            if file.read(1) != b"\n":
                raise _altered(path)
        while (raw := file.readline(LONGEST_LINE)).endswith(b"\n"):
            start += len(raw)
            try:
                line = _read(json.loads(raw))
            except (ValueError, TypeError):
                raise _altered(path) from None
            yield start, line
        if len(raw) == LONGEST_LINE:
            raise _altered(path)


def _read(line: dict[str, Any]) -> Line:
    """One line; raises ValueError or TypeError for a line that nurture never writes, because somebody edited it."""
    read = SuppressionLine(**line) if "suppressed" in line else TouchLine(**line)
    for name, kinds in _KINDS[type(read)]:
        value = getattr(read, name)
        if type(value) not in kinds:
            raise TypeError(name)
        if isinstance(value, str):
            value.encode()  # JSON can spell half a pair of surrogates, which is no text
        elif value is not None and value.bit_length() > _LONGEST_NUMBER:
            raise ValueError(name)
    if isinstance(read, SuppressionLine):
        sound = _is_hash(read.suppressed) and read.reason in REASONS
    else:
        sound = _is_hash(read.contact) and _KEY.fullmatch(read.key) is not None
    if not sound:
        raise ValueError
    return read


def _is_hash(text: str) -> bool:
    return _HASH.fullmatch(text) is not None


@contextmanager
def translated_oserror(path: Path) -> Iterator[None]:
    """Turn what the system says of the journal's file into our own errors."""
    try:
        yield
    except OSError as error:
        raise _file_error(path, error) from None


def _altered(path: Path) -> Refused:
    return Refused(
        f"The send journal {path} was altered: a line of it cannot be read.",
        "Restore it. If you are sure that the database is the latest, move the journal away: "
        "`nurture recover --without-journal` makes a new one.",
    )


def _file_error(path: Path, error: OSError) -> InputOutput:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"The disk that holds the send journal {path} is full.", "Make room, then run again.")
    return InputOutput(f"The send journal {path} cannot be read or written: {error.strerror}.", give_back(path))
