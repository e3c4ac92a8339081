"""The page on templates names every variable and filter there is, and what it shows is what happens.

The page is played from its top in one project. Above each block stands a comment: `<!-- first FILE -->` and
`<!-- FILE -->` are files, those with `first` there from the beginning; `<!-- text -->` and `<!-- html -->` are what the
last file becomes for Ann, without layout, or `for` somebody else; `<!-- run -->` are commands as at a terminal.
`, lines 1-3` shows so many lines, and `...` stands where lines are left out.
`pytest --update` writes results anew, but for those with `...`.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from nurture_cli.campaign.config import parse_config
from nurture_cli.campaign.keys.asset import ASSET
from nurture_cli.cli.new_project import make_project
from nurture_cli.cli.rule_pages import pages
from nurture_cli.message.breaks import is_meant
from nurture_cli.message.filters import WrongUse, date
from nurture_cli.message.record import LAYOUT_NAMES, template_names
from nurture_cli.message.sandbox import Sandbox
from tests.conftest import Nurture
from tests.pages import ROOT, excerpt_of

PAGE = ROOT / "docs" / "templates.md"
TEXT = PAGE.read_text("utf-8")
BLOCK = re.compile(r"^<!-- (?P<order>[^>]+) -->\n```\w+\n(?P<text>.*?)^```$", re.M | re.S)
RESULT = re.compile(r"(?P<part>text|html)(?:, for (?P<whom>\S+?))?(?:, lines 1-(?P<last>\d+))?")
ANN = "ann@plant.example"
HEADER = "---\ntitle: Example\nsubject: Example\nlink: https://kelp-works.example/guide\n---\n"
OWN = "contact.FIELD"  # stands for every field of a project
CONTENT = re.compile(r'<td class="content"[^>]*>\n(.*?)\n*</td></tr>\n<tr><td class="footer"', re.S)


def tables(heading: str, page: str = TEXT) -> list[list[list[str]]]:
    """The cells of each table whose first column is headed like this; `\\|` is a bar in a cell."""
    found = re.findall(rf"^\| {heading} \|.*\n\|[ |-]+\|\n((?:\|.*\n)+)", page, re.M)
    return [
        [
            [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in table.splitlines()
        ]
        for table in found
    ]


def named(cell: str) -> list[str]:
    """What stands between backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def rows(heading: str) -> list[list[str]]:
    """The cells of the only table whose first column is headed like this."""
    (table,) = tables(heading)
    return table


def column(heading: str) -> list[str]:
    """Every name in the first column of a table."""
    return [name for row in rows(heading) for name in named(row[0])]


def filters_of(row: list[str]) -> list[str]:
    """The names of the filters in a row, without what stands in brackets."""
    return [name.partition("(")[0] for name in named(row[0])]


class Play:
    """The project of the page, as far as it has been read."""

    def __init__(self, nurture: Nurture, root: Path) -> None:
        self._nurture, self._root = nurture, root
        self.last = ""
        for name in ("templates", "campaigns"):
            (root / name).mkdir(parents=True)
        for block in BLOCK.finditer(TEXT):
            if block["order"].startswith("first "):
                (root / block["order"].removeprefix("first ")).write_text(block["text"])
        make_project(root, {}, now=0)
        consent = {"consent": "express", "consent_basis": "form", "consent_source": "website"}
        words = [word for key, value in consent.items() for word in ("--set", f"{key}={value}")]
        done = self.typed(f"nurture contacts import contacts.csv {shlex.join(words)}")
        assert "2 new" in done, done

    def write(self, name: str, text: str) -> None:
        """Put a file into the project; an asset without a header gets one."""
        if name.startswith("templates/") and "/_" not in name:
            self.last = Path(name).stem
            text = text if text.startswith("---\n") else HEADER + text
        (self._root / name).write_text(text)

    def typed(self, command: str) -> str:
        """What a terminal shows after a command."""
        words = shlex.split(command)
        shown = self._nurture(*words[1:], cwd=self._root, terminal=True, columns=500, together=True).out
        return re.sub(r"\x1b\[[0-9;]*m", "", shown).replace("\r\n", "\n")

    def part(self, part: str, whom: str = ANN) -> str:
        """A part of the last asset's mail, without header and layout."""
        answer = self._nurture("preview", self.last, "--contact", whom, "--part", part, cwd=self._root)
        assert answer.code == 0, answer.err
        if part == "text":
            return answer.out.partition("\n\n")[2].partition("\n\n-- \n")[0] + "\n"
        found = CONTENT.search(answer.out)
        assert found is not None
        return found[1] + "\n"


@pytest.fixture
def play(nurture: Nurture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    monkeypatch.setenv("TERM", "dumb")
    return Play(nurture, tmp_path / "kelp-works")


def result(play: Play, order: str, text: str) -> str:
    """What a block of the page should say."""
    if order == "run":
        commands = [line for line in text.splitlines() if line.startswith("$ ")]
        return "".join(f"{line}\n{play.typed(line[2:])}" for line in commands)
    wanted = RESULT.fullmatch(order)
    assert wanted is not None, order
    lines = play.part(wanted["part"], wanted["whom"] or ANN).splitlines(keepends=True)
    return "".join(lines[: int(wanted["last"])] if wanted["last"] else lines)


def test_every_example_becomes_what_the_page_shows(play: Play, update: bool) -> None:
    page, end, results = "", 0, 0
    for block in BLOCK.finditer(TEXT):
        order, text = block["order"], block["text"]
        if re.match(r"(?:templates|campaigns)/", order):
            play.write(order, text)
        if "/" in order or order.startswith("first "):
            continue
        results += 1
        made = re.sub(r"(/unsubscribe/)\S+", r"\1…", result(play, order, text))
        if "...\n" in text:
            assert excerpt_of(made.splitlines(), text), made
            made = text
        page += TEXT[end : block.start("text")] + made
        end = block.end("text")
    page += TEXT[end:]

    assert results > 8
    if update:
        PAGE.write_text(page, "utf-8")
    else:
        assert page == TEXT


def test_every_block_of_the_page_is_played() -> None:
    assert len(BLOCK.findall(TEXT)) == len(re.findall(r"^```\w+$", TEXT, re.M))


def test_every_variable_has_its_row_and_no_other() -> None:
    (project,) = (block["text"] for block in BLOCK.finditer(TEXT) if block["order"] == "first nurture.yml")
    config = parse_config(project.encode(), "nurture.yml", ()).config
    assert config is not None
    fields = {f"contact.{name}" for name in config.fields}

    everywhere, in_layouts = ([name for row in table for name in named(row[0])] for table in tables("Variable"))

    assert sorted(everywhere) == sorted((template_names(config) - fields) | {OWN})
    assert sorted(in_layouts) == sorted(LAYOUT_NAMES)


def test_every_variable_says_what_the_page_says(play: Play) -> None:
    table = [(named(row[0])[0], row[2]) for row in tables("Variable")[0] if named(row[0]) != [OWN]]
    play.write("templates/values.txt", "\n".join(f"{{{{ {name} }}}}" for name, _ in table))

    said = play.part("text").splitlines()

    for (name, shown), value in zip(table, said, strict=True):
        pattern = re.escape(shown).replace("…", ".+")
        assert re.fullmatch(pattern, value), name


def test_every_filter_has_its_row_and_no_other() -> None:
    names = {name for row in rows("Filter") for name in filters_of(row)}

    assert names == {name for name in Sandbox(lambda _: None, html=True).filters if not name.startswith("_")}


def test_every_filter_gives_what_the_page_says(play: Play) -> None:
    table = rows("Filter")
    play.write("templates/filters.html", "\n".join(f"<p>{{{{ {named(row[2])[0]} }}}}</p>" for row in table))

    given = re.findall(r"<p>(.*?)</p>", play.part("html"), re.S)

    assert [value.replace("\n", "") for value in given] == [row[3] for row in table]
    for row in table:
        shown = re.findall(r"\| (\w+)", named(row[2])[0])
        assert set(shown) & set(filters_of(row)), row


def test_every_part_of_a_date_has_its_row_and_gives_what_the_page_says() -> None:
    with pytest.raises(WrongUse) as caught:
        date({}, "2026-03-05", "%Q")
    known = str(caught.value).partition("it knows ")[2].rstrip(".").split()

    assert column("Part") == known
    assert [date({}, "2026-03-05", named(row[0])[0]) for row in rows("Part")] == [row[2] for row in rows("Part")]


def test_every_key_of_the_header_has_its_row() -> None:
    assert sorted(column("Key")) == sorted(key.name for key in ASSET.keys)


def test_every_rule_that_is_named_exists() -> None:
    assert [rule for rule in column("Rule") if rule not in pages()] == []


def test_the_examples_have_no_mistakes_but_those_that_are_shown(play: Play) -> None:
    for block in BLOCK.finditer(TEXT):
        if re.match(r"(?:templates|campaigns)/", block["order"]):
            play.write(block["order"], block["text"])

    findings = json.loads(play.typed("nurture check --format json"))["findings"]

    assert {one["file"] for one in findings if one["severity"] != "note"} == {"templates/offer.md"}


def test_the_page_tells_line_breaks_as_they_are() -> None:
    (short, *_), (_, middling, fits), (long, *_), _ = (
        [int(number) for number in re.findall(r"\d+", " ".join(row))] for row in rows("After a line")
    )
    endless, link = "y" * 100, "https://kelp-works.example/" + "y" * 100

    assert is_meant("x" * (short - 1), endless)
    assert not is_meant("x" * short, endless)
    assert is_meant("x" * middling, link)
    assert is_meant("x" * middling, "y" * (fits - middling - 1) + " z")
    assert not is_meant("x" * middling, "y" * (fits - middling))
    assert not is_meant("x" * long, "y")
    assert not is_meant("x" * long, link)
    assert is_meant(link, endless)
    assert long == middling + 1


def test_the_short_table_is_true_for_the_same_contact(play: Play) -> None:
    (table,) = tables("In a template")
    variables = {name for table_of in tables("Variable") for row in table_of for name in named(row[0])}
    filters = {name for row in rows("Filter") for name in filters_of(row)}
    known = variables | filters | {name.removeprefix("contact.") for name in variables}
    play.write("templates/short.txt", "\n".join(named(row[0])[0] for row in table))

    assert play.part("text").splitlines() == [row[2] for row in table]
    mentioned = {name for row in table for name in named(row[1]) if not name.endswith(":")}
    assert mentioned - known == set()
