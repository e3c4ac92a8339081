"""A file from another program: its kind, its encoding, and whether it stays the same while it is read."""

from __future__ import annotations

import codecs
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from nurture_cli.errors import Findings, InputOutput, Refused, WrongUsage

_BLOCK = 1 << 20
MAX_LINE = 1_000_000  # characters of a line, and of a row
_SAMPLES = 3  # lines shown when the encoding is unclear
_SAMPLE_WIDTH = 60

_KINDS = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ\x00", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"%PDF-", "a PDF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Word document"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"{\\rtf", "a rich text document"),
)
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32 with a byte order mark"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32 with a byte order mark"),
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte order mark"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16 with a byte order mark"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16 with a byte order mark"),
)
_CANDIDATES = ("cp1252", "mac_roman", "shift_jis", "cp1251", "cp1250", "latin-1")
_NO_TEXT = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"})


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file that was read once, whole, and is text in `encoding`; `said` names the encoding in words."""

    path: Path
    encoding: str
    said: str
    sha256: str
    stamp: tuple[int, int, int, int]

    def open(self) -> TextIO:
        """Read it again, from the start, line ends as they are."""
        try:
            return self.path.open(encoding=self.encoding, errors="strict", newline="")
        except OSError as error:
            raise _unreadable(self.path, error) from error

    def refuse_if_changed(self) -> None:
        """Raise Refused when the file is not the one that was read first."""
        try:
            now = _stamp(self.path.stat())
        except OSError as error:
            raise _unreadable(self.path, error) from error
        if now != self.stamp:
            raise Refused(
                f"{self.path} changed while nurture read it; nothing was imported.",
                "Wait until the program that writes it has finished, then import it again.",
            )


def examine(path: Path, encoding: str | None = None) -> TextFile:
    """Read a file once; raises Findings for anything but text, with `encoding` in place of a guess."""
    asked = None if encoding is None else _known_encoding(encoding)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise _unreadable(path, error) from error
    seen = os.fstat(handle)
    if not stat.S_ISREG(seen.st_mode):
        os.close(handle)
        if stat.S_ISDIR(seen.st_mode):
            raise InputOutput(f"`{path}` is a folder.", "Give the path of a file, such as contacts.csv.")
        raise InputOutput(f"{path} is not a regular file, so nurture cannot read it twice.", "Save it as a file first.")
    with os.fdopen(handle, "rb", buffering=0) as file:
        try:
            head = file.read(4096)
            _refuse_kinds(path, head)
            name, said = _encoding_of(path, head, asked)
            file.seek(0)
            digest = hashlib.sha256()
            decoder = codecs.getincrementaldecoder(name)("strict")
            lines = _Lines(path, head.lstrip()[:1] in (b"[", b"{"))
            while block := file.read(_BLOCK):
                digest.update(block)
                lines.look(decoder.decode(block))
            lines.look(decoder.decode(b"", final=True))
        except UnicodeDecodeError:
            raise _not_in(path, name, asked is None) from None
        except OSError as error:
            raise _unreadable(path, error) from error
    return TextFile(path, name, said, digest.hexdigest(), _stamp(seen))


class _Lines:
    """Looks at a text, block by block, for a line that is too long to be read as one."""

    def __init__(self, path: Path, is_json: bool) -> None:
        self._path = path
        self._is_json = is_json
        self._number = 1
        self._begun = 0  # characters of the line that the last block ended with

    def look(self, text: str) -> None:
        """Raise Findings when a line that goes on from block to block is too long."""
        ends = [at for at in (text.find("\n"), text.find("\r")) if at >= 0]
        if self._begun + min(ends, default=len(text)) > MAX_LINE:
            help = "Each row must be on a line of its own. Export the file again, or cut the line."
            if self._is_json:
                help = "JSON needs one object on each line; `jq -c '.[]'` turns a list into such lines."
            raise Findings(f"{self._path}:{self._number}: this line is longer than {MAX_LINE:,} characters.", help)
        last = max(text.rfind("\n"), text.rfind("\r"))
        self._begun = len(text) - last - 1 if ends else self._begun + len(text)
        self._number += text.count("\n") or text.count("\r")


def _stamp(seen: os.stat_result) -> tuple[int, int, int, int]:
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns


def _unreadable(path: Path, error: OSError) -> InputOutput:
    return InputOutput(f"{path} cannot be read: {error.strerror}.")


def _known_encoding(name: str) -> str:
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        raise WrongUsage(f"`{name}` is not an encoding.", "Common ones: utf-8, utf-16, cp1252, latin-1.") from None
    if not found._is_text_encoding or found.name in _NO_TEXT:
        raise WrongUsage(f"`{name}` is not an encoding of text files.", "Common ones: utf-8, utf-16, cp1252, latin-1.")
    return found.name


def _refuse_kinds(path: Path, head: bytes) -> None:
    kind = next((kind for magic, kind in _KINDS if head.startswith(magic)), None)
    if head.startswith(b"PK"):
        if b"xl/" in head or b"[Content_Types].xml" in head:
            kind = "an Excel workbook (XLSX)"
        elif b"opendocument.spreadsheet" in head:
            kind = "a LibreOffice spreadsheet (ODS)"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:20].lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<head", b"<body")):
        kind = "a web page (HTML), perhaps the login page of the site that it came from"
    elif start.startswith((b"<?xml", b"<")):
        kind = "an XML document"
    if kind is not None:
        raise Findings(
            f"{path} is {kind}, not a text table, whatever its name says.",
            "Open it in the program that it came from and save it as CSV (UTF-8).",
        )


def _encoding_of(path: Path, head: bytes, asked: str | None) -> tuple[str, str]:
    for mark, name, said in _MARKS:
        if head.startswith(mark) and (asked is None or codecs.lookup(name.removesuffix("-sig")).name in asked):
            return name, said
    if asked is not None:
        return asked, f"{asked} as asked for"
    zeros = head.count(0)
    if zeros * 3 > len(head) and (not any(head[::2]) or not any(head[1::2])):
        name = "utf-16-be" if not any(head[::2]) else "utf-16-le"
        raise Findings(f"{path} looks like UTF-16 without a byte order mark.", f"Read it with --encoding {name}.")
    return "utf-8", "UTF-8"


def _not_in(path: Path, name: str, guessed: bool) -> Findings:
    """The finding for a file that is not in encoding `name`, with its first such lines in other encodings."""
    lines: list[tuple[int, bytes]] = []
    if not name.startswith(("utf-16", "utf-32")):
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(_BLOCK), b""), 1):
                if len(line) == _BLOCK:  # cut, perhaps within a character
                    break
                try:
                    line.decode(name)
                except UnicodeDecodeError:
                    lines.append((number, line.rstrip(b"\r\n")))
                if len(lines) == _SAMPLES:
                    break
    place = f": line {lines[0][0]} has bytes that do not fit" if lines else ""
    sentence = f"{path} is not {name.upper().removesuffix('-SIG')}{place}."
    shown = []
    if guessed and lines:
        seen: set[tuple[str, ...]] = set()
        for candidate in _CANDIDATES:
            try:
                texts = tuple(_excerpt(line.decode(candidate)) for _, line in lines)
            except UnicodeDecodeError:
                continue
            if texts not in seen and len(seen) < _SAMPLES:
                seen.add(texts)
                shown += [
                    f"  --encoding {candidate:<10} line {number}: {text}"
                    for (number, _), text in zip(lines, texts, strict=True)
                ]
    if shown:
        return Findings(sentence, "Which of these is spelled right?\n" + "\n".join(shown))
    return Findings(sentence, "Save it again as UTF-8, or name its encoding with --encoding.")


def _excerpt(text: str) -> str:
    """The part of a line around its first character beyond ASCII, on one line."""
    at = next((place for place, sign in enumerate(text) if not sign.isascii()), 0)
    start = max(0, at - _SAMPLE_WIDTH // 2)
    part = text[start : start + _SAMPLE_WIDTH]
    return "".join(sign if sign.isprintable() else "·" for sign in part)
