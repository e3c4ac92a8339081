"""The SQL that is written by hand: one file per noun, each query with its name and its purpose.

A query begins with the line `-- name: Its purpose in one sentence.` and ends where the next one begins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_HEAD = re.compile(r"^-- (?P<name>[a-z_]+): (?P<purpose>\S.*\.)$", re.MULTILINE)


@cache
def queries(noun: str) -> Mapping[str, str]:
    """The queries of `queries/<noun>.sql` by their names, each with its comment."""
    text = (Path(__file__).parent / f"{noun}.sql").read_text("utf-8")
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    found = {head["name"]: text[head.start() : end].strip() for head, end in zip(heads, ends, strict=True)}
    if len(found) != len(heads):
        raise ValueError(f"A query of {noun}.sql has the name of another one.")
    return MappingProxyType(found)
