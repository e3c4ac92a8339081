"""CSV for spreadsheets and other systems."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Protocol


class Target(Protocol):
    """A file, or standard output."""

    def write(self, text: str, /) -> object:
        """Write text as it is."""


def write_csv(target: Target, names: Sequence[str], blocks: Iterable[Sequence[str]]) -> int:
    """Write a header and rows that `report.listing.arrays` made; returns how many rows there were."""
    written = 0
    target.write(_row(names))
    for block in blocks:
        target.write("".join([_csv(array, len(names) - 1) for array in block]))
        written += len(block)
    return written


def _csv(array: str, commas: int) -> str:
    """One array of texts as a row; what has neither quotes nor line ends in it, by hand: that is much faster."""
    if "\\" in array:
        return _row(json.loads(array))
    if array.count(",") == commas:
        return array[2:-2].replace('","', ",") + "\r\n"
    texts = array[2:-2].split('","')
    return ",".join([f'"{text}"' if "," in text else text for text in texts]) + "\r\n"


def _row(texts: Sequence[str]) -> str:
    row = io.StringIO()
    csv.writer(row).writerow(texts)
    return row.getvalue()
