"""Prose folded to the width of a terminal, at blanks only; commands to paste stay in one piece."""

from __future__ import annotations

import re

from nurture_cli.cli.inert import width

# Commands and options that our sentences tell people to type, outside of backquotes only at the end of a line.
_TO_TYPE = r"(?:(?:nurture|cd|chmod|ls|mkdir|sudo|systemctl) |--)"
_COMMAND = re.compile(rf"\s*(?:{_TO_TYPE}|#)|.*: {{2,}}\S")  # or a column of commands
_PIECE = re.compile(rf"(\s*)(`[^`]*`\S*|(?<=: ){_TO_TYPE}.*|\S+)")
_COLOUR = re.compile("\x1b\\[[0-9;]*m")


def folded(line: str, columns: int, *, hang: int = 2) -> str:
    """One line of prose as lines of at most `columns`; those after the first go in by `hang` columns more.

    A word, a text in backquotes and a command stay whole, even where they are longer than a line: then the terminal
    breaks them, so that a paste has no line end in it.
    """
    if _columns(line) <= columns or _COMMAND.match(line):
        return line
    indent = " " * (len(line) - len(line.lstrip(" ")) + hang)
    lines = [""]
    for gap, piece in _PIECE.findall(line):
        if lines[-1].strip() and _columns(lines[-1] + gap + piece) > columns:
            lines.append(indent + piece)
        else:
            lines[-1] += gap + piece
    return "\n".join(lines)


def refolded(page: str, columns: int) -> str:
    """A page of prose with its paragraphs folded again; indented lines, which are examples, stay as they are."""
    paragraphs = (
        part if part.startswith(" ") else folded(part.replace("\n", " "), columns, hang=0)
        for part in page.split("\n\n")
    )
    return "\n\n".join(paragraphs)


def _columns(text: str) -> int:
    return width(_COLOUR.sub("", text))
