"""Addresses in a text that are not links yet: where they are, and where they lead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nurture_cli.message.protect import Protected

LINKS = ("asset.link", "unsubscribe_url")  # variables that are always links
_ADDRESSES = ("sender.address",)  # and one that is a mail address
_ENCODED = re.compile(r"\|\s*urlencode\s*$")

_WEB = r"(?<![\w@./-])(?P<web>(?:https?://(?=\w)|www\.(?=[a-z0-9-]+\.))[^\s<>\"]+)"
_MAIL = r"(?<![\w.%+/@-])(?P<mail>[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?![\w@-]))"
_ENDS_SENTENCE = (".", ",", ";", ":", "!", "?", "'", "*", "_")
_BRACKETS = (("(", ")"), ("[", "]"))


def bare_links(text: str, protected: Protected) -> Iterator[tuple[int, int, str]]:
    """Where each address begins and ends, and where its link leads.

    What a contact wrote becomes part of a link only when it is encoded for that.
    """
    sign = re.compile(
        rf"{_WEB}|{_MAIL}|(?<![\w/=])(?P<variable>{protected.variable.pattern})(?![\w/?#=&])", re.IGNORECASE
    )
    for hit in sign.finditer(text):
        found = _trimmed(hit[0]) if hit["web"] else hit[0]
        inner = [protected.tag(word) for word in protected.word.finditer(found)]
        names = [tag.inside.strip() for tag in inner]
        if hit["variable"]:
            if names[0] in (*LINKS, *_ADDRESSES):
                yield hit.start(), hit.end(), f"mailto:{found}" if names[0] in _ADDRESSES else found
        elif hit["mail"]:
            if not inner:
                yield hit.start(), hit.end(), f"mailto:{found}"
        elif all(tag.word is None and _ENCODED.search(tag.inside) for tag in inner):
            target = found if found[:4].lower() == "http" else f"https://{found}"
            yield hit.start(), hit.start() + len(found), target


def _trimmed(address: str) -> str:
    """The address without the characters of the sentence around it."""
    while address.endswith(_ENDS_SENTENCE) or any(
        address.endswith(closing) and address.count(closing) > address.count(opening) for opening, closing in _BRACKETS
    ):
        address = address[:-1]
    return address
