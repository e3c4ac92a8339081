"""What the README shows is what happens: its blocks about the worked example are made again and compared.

Above such a block stands a comment: `<!-- at 2026-03-24T15:30, lines 1-12 -->` lets the demo's time pass until then,
runs the commands of the block as at a terminal, and shows so many lines of each answer (all, when it does not say);
`<!-- from FILE -->` is an excerpt of a file of the example, `<!-- from the demo -->` one of what it prints, both with
`...` where something is left out (`test_demo.py` looks at the latter); `<!-- with mistakes -->` runs commands on a
copy with two mistakes in it; `<!-- an issue for everybody -->` is a campaign that is run; `<!-- import of FILE -->`
imports a file of the shared test data into a new project, and `<!-- import of members who left -->` one that the test
writes.
`pytest --update` writes the answers of commands anew.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import nurture_cli
from nurture_cli.cli.demo_town import Town, instant
from nurture_cli.cli.demo_week import week
from nurture_cli.clock import SteppingClock
from tests.conftest import Nurture

README = Path(nurture_cli.__file__).parent.parent / "README.md"
BLOCK = re.compile(r"^<!-- (?P<order>[^>]+) -->\n```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
AT = re.compile(r"at (?P<at>\S+?)(?:, lines (?P<first>\d+)-(?P<last>\d+))?")
COLUMNS = 130
MISTAKES = (("within: 180 days", "witin: 180 days"), ("- send: why-zero-trust\n", "- send: why-zero-trsut\n"))


def blocks(order: str) -> list[re.Match[str]]:
    """The blocks of the README whose comment begins like this."""
    return [block for block in BLOCK.finditer(README.read_text("utf-8")) if block["order"].startswith(order)]


def commands(block: re.Match[str]) -> Iterator[str]:
    """What is typed in a block."""
    return (line[2:] for line in block["text"].splitlines() if line.startswith("$ "))


def excerpt_of(lines: list[str], text: str) -> bool:
    """Whether the lines of a text, but for `...`, stand in this order in other lines; neighbours as neighbours."""
    place, gap = 0, True
    for line in text.splitlines():
        if line.strip() == "...":
            gap = True
        elif gap and line in lines[place:]:
            place, gap = lines.index(line, place) + 1, False
        elif not gap and place < len(lines) and lines[place] == line:
            place += 1
        else:
            return False
    return True


def cut(said: str, block: re.Match[str]) -> str:
    """The lines of an answer that a block shows."""
    lines = said.splitlines()
    wanted = AT.fullmatch(block["order"])
    if wanted is None or wanted["first"] is None:
        return "".join(line.rstrip() + "\n" for line in lines)
    shown = lines[int(wanted["first"]) - 1 : int(wanted["last"])]
    more = ["…"] if int(wanted["last"]) < len(lines) else []
    return "".join(line.rstrip() + "\n" for line in [*shown, *more])


@pytest.fixture
def settle(update: bool) -> Callable[[dict[str, str]], None]:
    """Compare blocks with what they should be, or write that."""

    def done(now: dict[str, str]) -> None:
        text = README.read_text("utf-8")
        if update:
            for before, after in now.items():
                text = text.replace(before, after)
            README.write_text(text, "utf-8")
        else:
            assert {before: after for before, after in now.items() if before != after} == {}

    return done


def answered(block: re.Match[str], say: Callable[[str], str]) -> tuple[str, str]:
    """A block as it is, and as it should be."""
    text = "".join(f"$ {command}\n{cut(say(command), block)}" for command in commands(block))
    return block[0], block[0].replace(block["text"], text)


def test_the_blocks_about_the_example_are_what_is_printed(
    nurture: Nurture,
    clock: SteppingClock,
    tmp_path: Path,
    settle: Callable[[dict[str, str]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    town = Town(tmp_path / "harbourline")
    assert [*town.opened(), *week(town)]

    def say(command: str) -> str:
        clock.at = town.clock.now()
        words = shlex.split(command)
        return nurture(*words[1:], cwd=town.root, terminal=True, columns=COLUMNS, together=True).out

    now = {}
    for block in sorted(blocks("at "), key=lambda one: str(AT.fullmatch(one["order"])["at"])):  # type: ignore[index]
        wanted = AT.fullmatch(block["order"])
        assert wanted is not None
        for _ in town.until(instant(wanted["at"])):
            pass
        before, after = answered(block, say)
        now[before] = after
    settle(now)

    assert now


def test_the_excerpts_are_in_the_files() -> None:
    found = [block for block in blocks("from ") if block["order"] != "from the demo"]

    assert found
    for block in found:
        lines = (README.parent / block["order"].removeprefix("from ")).read_text("utf-8").splitlines()
        assert excerpt_of(lines, block["text"]), block["order"]


def test_the_mistakes_are_shown_as_they_are_found(
    nurture: Nurture, tmp_path: Path, settle: Callable[[dict[str, str]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    nurture("init", "p", "--example", cwd=tmp_path)
    file = tmp_path / "p" / "campaigns" / "zero-trust.yml"
    for right, wrong in MISTAKES:
        assert right in file.read_text()
        file.write_text(file.read_text().replace(right, wrong, 1))
    (block,) = blocks("with mistakes")

    def say(command: str) -> str:
        words = shlex.split(command)
        return nurture(*words[1:], cwd=tmp_path / "p", terminal=True, columns=COLUMNS, together=True).out

    settle(dict([answered(block, say)]))


ISSUE = "---\ntitle: May\nsubject: May\nexpires: 2026-05-31\n---\nWhat we learned in May.\n"
CONSENT = ("--set", "consent=express", "--set", "consent_basis=form", "--set", "consent_source=site")


def test_the_issue_for_everybody_reaches_old_readers_who_get_no_welcome_and_new_ones_until_it_expires(
    nurture: Nurture, tmp_path: Path, clock: SteppingClock
) -> None:
    (block,) = blocks("an issue for everybody")
    nurture("init", "p", "--yes", "--zone", "Europe/Berlin", cwd=tmp_path)
    there, clock.at = tmp_path / "p", instant("2026-05-04T10:00")

    def imported(name: str, tag: str) -> None:
        (there / "contacts.csv").write_text(f"Email\n{name}@firm.example\n")
        assert nurture("contacts", "import", "contacts.csv", "--tag", tag, *CONSENT, cwd=there).code == 0

    assert nurture("new", "campaign", "may-issue", "may-issue", cwd=there).code == 0
    (there / "campaigns" / "may-issue.yml").write_text(block["text"])
    (there / "templates" / "may-issue.md").write_text(ISSUE)
    checked = nurture("check", cwd=there)
    for name, tag in [("old", "reader"), ("new", "newsletter"), ("late", "newsletter")]:
        imported(name, tag)
        if name == "late":
            clock.at = instant("2026-06-01T10:00")
        for _ in range(10):
            assert nurture("run", cwd=there).code == 0
            clock.at += 86400

    touches = [json.loads(line) for line in nurture("touches", "list", "--json", cwd=there).out.splitlines()]

    def got(name: str) -> list[str]:
        return [one["asset"] for one in touches if one["email"] == f"{name}@firm.example"]

    assert (checked.out, checked.err) == ("", "Nothing wrong in 9 files.\n")
    assert got("old") == ["may-issue"]
    assert {"welcome", "may-issue"} <= set(got("new"))
    assert "welcome" in got("late")
    assert "may-issue" not in got("late")


def test_readers_who_come_from_mailchimp_are_not_welcomed_as_new(nurture: Nurture, tmp_path: Path) -> None:
    (command,) = re.findall(r"^\$ (nurture contacts import subscribed_members.*)$", README.read_text("utf-8"), re.M)
    nurture("init", "p", "--yes", cwd=tmp_path)
    rows = 'Email Address,TAGS\nold@firm.example,"vip, newsletter"\n'
    (tmp_path / "p" / "subscribed_members_export.csv").write_text(rows)

    imported = nurture(*shlex.split(command)[1:], cwd=tmp_path / "p")
    planned = nurture("plan", "--json", cwd=tmp_path / "p")

    assert imported.code == 0
    assert "1 new" in imported.out
    assert (planned.code, "old@firm.example" in planned.out) == (0, False)


MEMBERS = "Email,Status\nann@example.net,Subscribed\nbob@example.net,Unsubscribed\ncy@example.net,Bounced\n"


@pytest.mark.parametrize("order", ["import of leads/leads-10000.csv", "import of members who left"])
def test_an_import_is_shown_as_it_is_reported(
    nurture: Nurture,
    tmp_path: Path,
    settle: Callable[[dict[str, str]], None],
    monkeypatch: pytest.MonkeyPatch,
    shared: Callable[[str], Path],
    order: str,
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    nurture("init", "p", "--yes", cwd=tmp_path)
    (tmp_path / "p" / "members.csv").write_text(MEMBERS)
    name = order.removeprefix("import of ")
    if name.endswith(".csv"):
        shutil.copy(shared(name), tmp_path / "p")
    (block,) = blocks(order)

    def say(command: str) -> str:
        words = shlex.split(command)
        return nurture(*words[1:], cwd=tmp_path / "p", terminal=True, columns=COLUMNS, together=True).out

    settle(dict([answered(block, say)]))
