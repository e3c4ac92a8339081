"""Which values a template prints without saying what to print when there is none.

A value is guarded by `| default(…)` or `or` right behind it, by a comparison, or by an `if` that names it. In doubt it
counts as guarded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TAG = re.compile(
    r"\{%[-+]?\s*raw\s*[-+]?%\}.*?(?:\{%[-+]?\s*endraw\s*[-+]?%\}|\Z)|\{#.*?(?:#\}|\Z)"
    r"|\{\{[-+]?(?P<printed>.*?)[-+]?(?:\}\}|\Z)|\{%[-+]?\s*(?P<word>\w+)(?P<statement>.*?)[-+]?(?:%\}|\Z)",
    re.DOTALL,
)
_NAME = re.compile(r"(?<![\w.])(?:contact|asset|sender)\.\w+\b(?!\s*[.\[(])")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_GUARD = re.compile(r"\s*\|\s*(?:default|d)\b|\s+(?:or|is|not\s+in|in)\b|\s*[=!]=")
_IF = re.compile(r"\bif\b")


def unguarded(text: str) -> Iterator[tuple[str, int]]:
    """Every name that the text prints and that nothing guards, with its offset in the text."""
    asked: list[set[str]] = []  # the names in the conditions of the `if`s around this place
    for hit in _TAG.finditer(text):
        word = hit["word"]
        if word == "if":
            asked.append(set(_NAME.findall(hit["statement"])))
        elif word == "elif" and asked:
            asked[-1].update(_NAME.findall(hit["statement"]))
        elif word == "endif" and asked:
            asked.pop()
        elif hit["printed"] is not None:
            printed = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), hit["printed"])
            inline = _IF.search(printed)
            known = set().union(*asked, _NAME.findall(printed[inline.start() :]) if inline else ())
            for name in _NAME.finditer(printed):
                if name[0] not in known and not _GUARD.match(printed, name.end()):
                    yield name[0], hit.start("printed") + name.start()
