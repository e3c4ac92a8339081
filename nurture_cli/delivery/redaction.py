"""Makes unreadable what a server repeats of the secrets that it was sent, however it writes them.

Some servers repeat the line that they reject, and their words are printed, mailed by cron, and kept in the database.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote

MARK = "<secret>"
PIECE = 8  # letters and digits in a row that give a secret away; a server may cut or wrap what it repeats
SHORT = 4  # a secret with fewer is looked for as a whole word

_STATUS = re.compile(r"^[245]\.\d{1,3}\.\d{1,3}(?!\S)", re.MULTILINE)  # begins each line of some replies
_NO_LETTERS = re.compile(r"[\W_]+")
_WORD = re.compile(r"""[^\s"'<>,;{}()\[\]]+""")
_MARKS = re.compile(rf"""{MARK}(?:[\s"'<>,;{{}}()\[\]]*{MARK})+""")


class Redaction:
    """Replaces each word of a text that has a piece of a secret in it; only letters and digits are compared."""

    def __init__(self, forms: Iterable[str] = ()) -> None:
        """`forms`: the ways to write the secrets, see `written` and `encoded`."""
        self._pieces: dict[int, set[str]] = {}
        short = set()
        for form in forms:
            letters = _letters(form)
            size = min(len(letters), PIECE)
            if size >= SHORT:
                self._pieces.setdefault(size, set()).update(_pieces(letters, size))
            elif form:
                short.add(re.escape(form))
        self._short = re.compile(rf"(?<!\w)(?:{'|'.join(short)})(?!\w)") if short else None

    def __call__(self, said: str) -> str:
        """The text without the secrets."""
        if not (self._pieces or self._short):
            return said
        if self._short is not None:
            said = self._short.sub(MARK, said)
        found = self._found(said)
        if found:
            said = _WORD.sub(lambda word: word[0] if found.isdisjoint(range(*word.span())) else MARK, said)
        return _MARKS.sub(MARK, said) if MARK in said else said

    def _found(self, said: str) -> set[int]:
        """Where in the text there are pieces of a secret."""
        bare = _STATUS.sub(lambda status: " " * len(status[0]), said)
        letters = _letters(bare)
        hits = [
            (start, size)
            for size, pieces in self._pieces.items()
            for start, piece in enumerate(_pieces(letters, size))
            if piece in pieces
        ]
        if not hits:
            return set()
        places = [place for place, letter in enumerate(bare) if not _NO_LETTERS.match(letter)]
        return {place for start, size in hits for place in places[start : start + size]}


def written(secret: str) -> Iterator[str]:
    """The ways to write a secret: as it is, and in HTML, JSON, a web address, hexadecimal digits or base64."""
    data = secret.encode()
    yield from (secret, html.escape(secret), json.dumps(secret), repr(data), quote(secret, safe=""), encoded(secret))
    yield from (data.hex(), *("".join(f"{sign}{byte:02x}" for byte in data) for sign in ("x", "0x")))
    for before in range(3):  # base64 looks different for each place in a group of three bytes
        whole = bytes(before) + data
        yield b64encode(whole).decode()[-(-before * 8 // 6) : len(whole) * 8 // 6]


def encoded(text: str) -> str:
    """A text in base64, as SMTP has names, passwords and both together."""
    return b64encode(text.encode()).decode()


def _letters(text: str) -> str:
    """The letters and digits of a text, in lower case."""
    letters = _NO_LETTERS.sub("", text)
    small = letters.lower()
    return small if len(small) == len(letters) else letters  # each must keep its place


def _pieces(letters: str, size: int) -> Iterator[str]:
    return (letters[start : start + size] for start in range(len(letters) - size + 1))
