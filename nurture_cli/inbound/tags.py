"""Tags in a cell: read as the usual tools write them, and written so that reading gives the same tags."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from nurture_cli.inbound.values import shown

_LONGEST = 100  # characters of a tag
_PART = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*(?=[,;|]|$)|([^,;|]*))(?:[,;|]|$)')
_QUOTED = re.compile(r'[,;|"]|^[\[\']|^\s|\s$')  # a tag that only quotes keep whole


def read_tags(text: str) -> list[str]:
    """Tags separated by commas, semicolons or bars, each quoted or not, or a list in brackets.

    Raises ValueError for a tag that is too long or holds control or format characters.
    """
    tags = [stripped for tag in _parts(text.strip()) if (stripped := tag.strip())]
    for tag in tags:
        if len(tag) > _LONGEST or not tag.isprintable():
            raise ValueError(f"{shown(tag)} is not a tag: it is too long, or holds control or invisible characters.")
    return list(dict.fromkeys(tags))


def tags_cell(tags: Iterable[str]) -> str:
    """Tags in one cell, in order; `read_tags` gives them back."""
    return ",".join(map(tag_in_cell, sorted(tags)))


def tag_in_cell(tag: str) -> str:
    """One tag in a cell of tags, quoted where it must be."""
    return '"' + tag.replace('"', '""') + '"' if _QUOTED.search(tag) else tag


def _parts(text: str) -> Iterable[str]:
    if text.startswith("[") and text.endswith("]"):
        try:
            return [str(item) for item in json.loads(text)]
        except (ValueError, RecursionError):
            return [part.strip().strip("'") for part in _split(text[1:-1])]
    return _split(text)


def _split(text: str) -> Iterable[str]:
    return [plain or quoted.replace('""', '"') for quoted, plain in _PART.findall(text)]
