"""Values of header fields: cleaned, encoded, folded, so that a reader's program shows what you wrote.

The standard library's `EmailMessage` is not used: it turns long List-Unsubscribe links into encoded words, loses
blanks of subjects at folds and is slow. Its `Header` alone does the encoding of words right.
"""

from __future__ import annotations

import re
from email.header import Header
from functools import lru_cache

LONGEST_LINE = 76  # characters, without the line end; what RFC 2047 allows for encoded words
LONGEST_NAME = 100  # characters of a display name; a longer one is left out
LONGEST_WORD = 900  # octets of a word that is not encoded

_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def cleaned(text: str) -> str:
    """The text on one line: each run of blanks, line breaks and control characters is one blank, none at the ends."""
    return _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text)).strip(" ")


def shows_something(text: str) -> bool:
    """Whether a reader would see anything."""
    return any(sign.isprintable() and not sign.isspace() for sign in text)


@lru_cache(maxsize=1024)
def unstructured(name: str, text: str) -> str:
    """The field `name: text` for cleaned text, folded, without the last line end."""
    if len(name) + 2 + len(text) <= LONGEST_LINE and _stands_as_it_is(text):
        return f"{name}: {text}"
    if _stands_as_it_is(text) and max(map(len, text.split(" "))) <= LONGEST_WORD:
        return _folded(f"{name}: {text}".split(" "))
    return f"{name}: {_encoded(name, text)}"


def mailbox(name: str, display: str, address: str) -> str:
    """The field `name: display <address>` for a cleaned display name (perhaps empty) and one valid address."""
    phrase = _phrase(name, display) if display and len(display) <= LONGEST_NAME else ""
    if not phrase:
        return f"{name}: {address}"
    line = f"{name}: {phrase}"
    last = len(line) - (line.rfind("\n") + 1)
    between = " " if last + len(address) + 3 <= LONGEST_LINE else "\r\n "
    return f"{line}{between}<{address}>"


@lru_cache(maxsize=1024)
def _phrase(name: str, display: str) -> str:
    if not _stands_as_it_is(display) or len(display) > LONGEST_LINE - 20:
        return _encoded(name, display)
    if _PLAIN_PHRASE.fullmatch(display):
        return display
    quoted = display.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def _stands_as_it_is(text: str) -> bool:
    return text.isascii() and "=?" not in text  # a word that looks encoded would be decoded


def _encoded(name: str, text: str) -> str:
    return Header(text, "utf-8", LONGEST_LINE, name).encode(linesep="\r\n")


def _folded(words: list[str]) -> str:
    lines = [f"{words[0]} {words[1]}"]
    for word in words[2:]:
        if len(lines[-1]) + 1 + len(word) > LONGEST_LINE:
            lines.append("")
        lines[-1] += " " + word
    return "\r\n".join(lines)
