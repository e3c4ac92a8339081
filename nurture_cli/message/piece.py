"""A stretch of template text, and the lines of the user's file from which it was made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """Template text from `file`; its own line 1 is line `first` there, unless `lines` tells the line of each."""

    file: str
    text: str
    first: int = 1
    lines: tuple[int, ...] | None = None

    def line(self, number: int) -> int:
        """The line of the user's file from which line `number` (from 1) of the text was made."""
        if self.lines is None:
            return self.first + number - 1
        return self.lines[min(max(number, 1), len(self.lines)) - 1]

    def place(self, number: int = 1) -> str:
        """`file:line` of the user's file for line `number` of the text."""
        return f"{self.file}:{self.line(number)}"
