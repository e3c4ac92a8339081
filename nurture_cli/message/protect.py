"""Puts Jinja's tags aside, so that Markdown and HTML can be converted once for all contacts, and puts them back.

Each tag becomes a short word that neither Markdown nor a link changes. Each restored tag is on a line of its own (the
break is inside the tag, where it means nothing), so that an error still finds its line in the user's file.
"""

from __future__ import annotations

import re

from nurture_cli.message.piece import Piece
from nurture_cli.message.templates import Tag, tags

_OPENING = frozenset(("if", "for", "macro", "call", "filter", "with", "block", "autoescape"))
_ENDING = "end"


class Protected:
    """A piece whose tags are words: `text` can be converted, `restored` puts the tags back."""

    def __init__(self, piece: Piece) -> None:
        self._piece = piece
        self._tags: list[Tag] = []
        sign = "qj"
        while sign in piece.text.lower():
            sign += "q"
        # The word for a variable begins with a digit, so that `<` before it begins no HTML tag in Markdown.
        variable, statement = f"0{sign}x", f"{sign}t"
        parts: list[str] = []
        for part in tags(piece):
            if isinstance(part, Tag):
                parts.append(f"{variable if part.word is None else statement}{len(self._tags)}z")
                self._tags.append(part)
            else:
                parts.append(part)
        self.text = "".join(parts)
        self.word = re.compile(rf"(?:{variable}|{statement})(\d+)z")
        self.variable = re.compile(rf"{variable}(\d+)z")
        self.statement = re.compile(rf"{statement}(\d+)z")

    def tag(self, hit: re.Match[str]) -> Tag:
        """The tag that a word replaces."""
        return self._tags[int(hit[1])]

    def plain(self, text: str) -> str:
        """The text with its tags as they were written, for comparing."""
        return self.word.sub(lambda hit: "{{" + self.tag(hit).inside.strip() + "}}", text)

    def restored(self, text: str) -> Piece:
        """The converted text with its tags, and for each of its lines the line of the user's file."""
        parts: list[str] = []
        lines = [1]
        end = 0
        for hit in self.word.finditer(text):
            data, tag = text[end : hit.start()], self.tag(hit)
            parts += (data, tag.text)
            lines += [lines[-1]] * data.count("\n")
            lines += [tag.line + number for number in range(tag.inside.count("\n") + 1)]
            end = hit.end()
        parts.append(text[end:])
        lines += [lines[-1]] * text.count("\n", end)
        return Piece(self._piece.file, "".join(parts), lines=tuple(self._piece.line(line) for line in lines))


def opens(tag: Tag) -> bool:
    """Whether the statement has an end statement."""
    if tag.word == "set":
        return "=" not in tag.inside
    return tag.word in _OPENING


def ends(tag: Tag) -> bool:
    """Whether the statement is the end of another."""
    return tag.word is not None and tag.word.startswith(_ENDING)
