"""Domains and addresses that wait to be replaced by your own, and what `check` says about each.

`example.com` and its like belong to nobody for good (RFC 2606, RFC 6761), `localhost` is each reader's own computer,
and nobody really uses `your-company.com`. A domain that somebody could own is found only as `Sort.MAYBE`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto


class StandIn(Enum):
    """How sure it is that something must be replaced, and what it is."""

    DOMAIN = auto()
    WORDS = auto()
    MAYBE = auto()


@dataclass(frozen=True, slots=True)
class Found:
    """Something to replace, from `start` to `end` of a text; `words` are a whole sentence."""

    sort: StandIn
    start: int
    end: int
    words: str


_RESERVED_TOPS = frozenset(("example", "test", "invalid", "tld"))
_HERE_TOPS = frozenset(("localhost", "localdomain"))
_YOURS = re.compile(r"(?:your|my)-?(?:own-?)?(?:domain|company|site|website|business|brand|organi[sz]ation|firm)")
_COULD_BE = frozenset(
    ("domain.com", "domain.org", "domain.net", "company.com", "website.com", "acme.com", "foo.com", "bar.com")
)
_SECOND_LEVELS = frozenset(("ac", "co", "com", "edu", "gov", "net", "org"))  # as in example.co.uk
_HERE = re.compile(r"127\.|0\.0\.0\.0\Z|\[::1?\]\Z")
_DOCUMENTATION = re.compile(r"192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|\[2001:db8:", re.IGNORECASE)  # RFC 5737, 3849

_VARIABLE = re.compile(r"\{\{[^{}]*\}\}")
_HOST = rf"(?:(?:{_VARIABLE.pattern}|[A-Za-z0-9-])+\.?)+|\[[0-9A-Fa-f:.]+\]"
_IN_TEXT = re.compile(
    rf"(?:https?://(?:[^/?#\s@\"'<>]{{0,99}}@)?|mailto:[^@\s\"'<>?]{{0,99}}@)(?P<link>{_HOST})"
    rf"|(?<![\w./@-])(?P<site>www\.{_HOST})|(?<![\w.+-])[\w.+-]+@(?P<address>{_HOST})",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"your[._-]?(?:own[._-]?)?(?:name|e?mail|address)|first(?:[._-]?name)?[._-]last(?:[._-]?name)?|vorname[._-]nachname"
    r"|change[._-]?me|todo",
    re.IGNORECASE,
)
_ANYBODY = frozenset(("you", "someone", "somebody", "user", "name", "foo"))


def in_links(text: str) -> Iterator[Found]:
    """The stand-ins among the links of a text, and among the addresses in its prose, which only might be some."""
    for hit in _IN_TEXT.finditer(text):
        part = "link" if hit["link"] else "site" if hit["site"] else "address"
        found = in_host(hit[part], hit.start(part))
        if found is not None and part == "address" and found.sort is StandIn.DOMAIN:
            found = Found(StandIn.MAYBE, found.start, found.end, found.words)
        if found is not None:
            yield found


def in_address(address: str) -> Iterator[Found]:
    """The stand-ins in a mail address: its domain, and a name that is nobody's."""
    local, _, host = address.rpartition("@")
    found = in_host(host, len(local) + 1)
    if found is not None:
        yield found
    if _NOBODY.fullmatch(local):
        yield Found(StandIn.WORDS, 0, len(local), f"`{local}` is a placeholder.")
    elif found is None and local.lower() in _ANYBODY:
        yield Found(StandIn.MAYBE, 0, len(local), f"`{local}` looks like a placeholder.")


def in_host(host: str, start: int = 0) -> Found | None:
    """The stand-in that a host from `start` on is, unless it is somebody's own."""
    shown = host.rstrip(".-")
    sort, words = _judged(_VARIABLE.sub("x", shown).lower())
    return None if sort is None else Found(sort, start, start + len(shown), f"`{shown}` {words}")


def is_here(host: str) -> bool:
    """Whether a host is the computer that asks for it."""
    return host.lower().split(".")[-1] in _HERE_TOPS or _HERE.match(host) is not None or host == "::1"


def _judged(host: str) -> tuple[StandIn | None, str]:
    labels = host.split(".")
    own = _own_label(labels)
    if is_here(host):
        return StandIn.DOMAIN, "is each reader's own computer."
    if labels[-1] in _RESERVED_TOPS or _DOCUMENTATION.match(host) or (own == "example" and len(labels) > 1):
        return StandIn.DOMAIN, "is reserved for examples and belongs to nobody."
    if _YOURS.fullmatch(own):
        return StandIn.DOMAIN, "is a placeholder for your own domain."
    if ".".join(labels[-2:]) in _COULD_BE:
        return StandIn.MAYBE, "looks like a placeholder for your own domain."
    return None, ""


def _own_label(labels: list[str]) -> str:
    """The part of a host that somebody registers: `example` in www.example.co.uk."""
    deep = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVELS
    return labels[-3] if deep else labels[max(len(labels) - 2, 0)]
