"""No page can rot: each block is played by a test, each link leads somewhere, each command and option exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup

from nurture_cli.cli.app import load
from nurture_cli.cli.commands import COMMANDS
from nurture_cli.cli.leads import LEADS
from tests.pages import BLOCK, MADE, PAGES, README, ROOT, blocks_of
from tests.reader import ORDERS as PLAYED
from tests.test_documented_guides import GUIDES

# Each order, and the file whose test plays it; templates.md and channels.md have tests of their own.
ORDERS = "|".join(
    [
        r"at \S+(, lines \d+-\d+)?",  # the first seven: test_documented_examples.py
        r"from \S+",
        r"in this repository",
        r"with mistakes",
        r"an issue for everybody",
        r"moving over",
        r"import of .+",
        r"from the demo",  # cli/test_demo.py
        *PLAYED,
    ]
)
PACKAGE = ROOT / "nurture_cli"
OWN_TESTS = {"templates.md", "channels.md"}
LONGEST_README = 250
LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)")
WEB = re.compile(r"(https?|mailto):")


OTHERS = (ROOT / "benchmarks" / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md")


def plain(page: Path) -> str:
    """A page without its blocks."""
    return BLOCK.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    heads = re.findall(r"^#+ (.+)$", plain(page), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in OWN_TESTS], ids=lambda page: page.name)
def test_every_block_has_an_order_that_a_test_plays(page: Path) -> None:
    unplayed = [
        block.order or block.text
        for block in blocks_of(page)
        if not re.fullmatch(ORDERS, block.order) or (re.fullmatch("|".join(PLAYED), block.order) and page not in GUIDES)
    ]

    assert unplayed == []
    assert len(blocks_of(page)) == page.read_text("utf-8").count("\n```") // 2


@pytest.mark.parametrize("page", [*PAGES, MADE, *OTHERS], ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    links = [link for link in LINK.findall(plain(page)) if not WEB.match(link)]

    for link in links:
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def test_the_readme_leads_to_every_page_and_is_short_enough_to_be_read() -> None:
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in LINK.findall(plain(README)) if not WEB.match(link)}

    assert {*PAGES, MADE} - {README} <= linked
    assert len(README.read_text("utf-8").splitlines()) < LONGEST_README


def typed(page: Path) -> Iterator[str]:
    """The commands of nurture that a page names, in its text and in its blocks."""
    yield from re.findall(r"`nurture ([^`]+)`", plain(page).replace("\n", " "))
    for block in blocks_of(page):
        yield from (line.removeprefix("nurture ") for line in block.commands() if line.startswith("nurture "))


def command_of(words: list[str]) -> Any:
    """The command that words begin with."""
    (entry,) = (command for command in COMMANDS if command.name == words[0])
    command = load(entry.module, entry.name)
    return command.commands[words[1]] if isinstance(command, TyperGroup) and len(words) > 1 else command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_that_a_page_names_exists(page: Path) -> None:
    for line in typed(page):
        words = shlex.split(re.split(r" [<>|&;]", line)[0])
        if words[0].startswith("-") or words[0] in LEADS:
            continue
        command = command_of(words)
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert [word for word in words if word.startswith("--") and word not in {*known, "--help"}] == [], line


@pytest.mark.parametrize(("name", "least"), [("docs/architecture.md", 40), ("CONTRIBUTING.md", 20)])
def test_every_file_that_a_page_for_contributors_names_is_there(name: str, least: int) -> None:
    page = plain(ROOT / name)
    named = set(re.findall(r"`((?:\w+/)*\w+\.py|(?:\w+/)+)`", page))

    assert len(named) > least
    assert {name for name in named if not (ROOT / name).exists() and not any(PACKAGE.glob(f"**/{name}"))} == set()


def test_every_test_that_the_page_for_contributors_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", plain(ROOT / "CONTRIBUTING.md"))

    assert len(named) >= 2
    assert [test for file, test in named if f"def {test}(" not in (ROOT / file).read_text("utf-8")] == []


def test_the_architecture_names_files_that_exist() -> None:
    rooms = [folder for folder in PACKAGE.rglob("*") if folder.is_dir()]
    named = re.findall(r"`([a-z_/]+\.(?:py|sql))`", (ROOT / "docs" / "architecture.md").read_text("utf-8"))

    missing = [name for name in named if not any((folder / name).exists() for folder in (ROOT, PACKAGE, *rooms))]
    assert len(named) > 50
    assert missing == []
