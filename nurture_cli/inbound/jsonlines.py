"""JSON lines: one object a line, read strictly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from nurture_cli.errors import Findings
from nurture_cli.inbound.textfile import TextFile

_MAX_LINE = 100_000  # characters
_LARGEST = 2**63 - 1


def looks_like_json_lines(file: TextFile) -> bool:
    """Whether the file begins with an object; raises Findings for a JSON list, which is not lines."""
    with file.open() as text:
        start = text.read(1000).lstrip()
    if start.startswith("["):
        raise Findings(
            f"{file.path} is a JSON list; JSON lines are needed, one object on each line.",
            "Most programs can export JSON lines (`.jsonl`); `jq -c '.[]'` turns one into the other.",
        )
    return start.startswith("{")


def read_lines(file: TextFile) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Each line with its number: an object, or a sentence that says why it is not one; without empty lines."""
    with file.open() as text:
        number = 0
        while line := text.readline(_MAX_LINE):
            number += 1
            if len(line) == _MAX_LINE and not line.endswith(("\n", "\r")):
                raise Findings(f"{file.path}:{number}: this line is longer than {_MAX_LINE:,} characters.")
            if line.strip():
                try:
                    yield number, read_object(line)
                except ValueError as error:
                    yield number, str(error)


def read_object(line: str) -> dict[str, Any]:
    """The object on a line; raises ValueError with a whole sentence."""
    try:
        found = json.loads(line, object_pairs_hook=_object, parse_constant=_no_number, parse_int=_whole)
    except json.JSONDecodeError as error:
        raise ValueError(f"This line is not JSON: {error.msg} at character {error.pos + 1}.") from None
    except RecursionError:
        raise ValueError("This line is nested too deeply.") from None
    if not isinstance(found, dict):
        raise ValueError("This line is JSON, but not an object in braces.")
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"`{key[:40]}` appears twice in this object.")
        found[key] = value
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"`{word}` is not a number that can be kept.")


def _whole(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > _LARGEST:
        raise ValueError("A number in this line is too large.")
    return int(text)
