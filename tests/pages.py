"""The pages of the documentation, and the blocks on them: what all tests of documents share.

Above each block stands a comment, its order: it says what the block is, and so which test plays it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nurture_cli

ROOT = Path(nurture_cli.__file__).parent.parent
README = ROOT / "README.md"
MADE = ROOT / "docs" / "reference.md"  # from the code; test_documented.py looks at it
PAGES = [README, *sorted(page for page in (ROOT / "docs").glob("*.md") if page != MADE)]
BLOCK = re.compile(r"^(?:<!-- (?P<order>[^>]+) -->\n)?```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """A block of a page: `order` is empty where no comment stands above it."""

    page: Path
    order: str
    kind: str
    text: str
    place: tuple[int, int]

    def commands(self) -> list[str]:
        """What is typed in it."""
        return [line[2:] for line in self.text.splitlines() if line.startswith("$ ")]

    def answered(self, say: Callable[[str], str]) -> str:
        """Its text, made again."""
        return "".join(f"$ {command}\n{say(command)}" for command in self.commands())


def blocks_of(page: Path) -> list[Block]:
    """All blocks of a page, in its order."""
    return [
        Block(page, found["order"] or "", found["kind"], found["text"], found.span("text"))
        for found in BLOCK.finditer(page.read_text("utf-8"))
    ]


def all_blocks() -> Iterator[Block]:
    """The blocks of all pages."""
    return (block for page in PAGES for block in blocks_of(page))


def blocks(order: str) -> list[Block]:
    """The blocks of all pages whose order begins like this."""
    return [block for block in all_blocks() if block.order.startswith(order)]


def excerpt_of(lines: Sequence[str], text: str) -> bool:
    """Whether the lines of a text, but for `...`, stand in this order in other lines; neighbours as neighbours."""
    place, gap = 0, True
    for line in text.splitlines():
        if line.strip() == "...":
            gap = True
        elif gap and line in lines[place:]:
            place, gap = list(lines).index(line, place) + 1, False
        elif not gap and place < len(lines) and lines[place] == line:
            place += 1
        else:
            return False
    return True


def differences(made: Sequence[tuple[Block, str]]) -> dict[str, str]:
    """What blocks say, and what they should say, where the two differ; with `...` an excerpt will do."""
    return {
        block.text: text
        for block, text in made
        if text != block.text and not (leaves_out(block.text) and excerpt_of(text.splitlines(), block.text))
    }


def write_anew(made: Sequence[tuple[Block, str]]) -> None:
    """Put what blocks should say into their pages; those that leave lines out are left to a person."""
    for block, text in sorted(made, key=lambda one: one[0].place, reverse=True):
        if not leaves_out(block.text):
            page, (start, end) = block.page.read_text("utf-8"), block.place
            block.page.write_text(page[:start] + text + page[end:], "utf-8")


def leaves_out(text: str) -> bool:
    """Whether a block shows only some lines."""
    return any(line.strip() == "..." for line in text.splitlines())
