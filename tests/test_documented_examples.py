"""What the pages show of the worked example, and of the files in this repository, is what happens.

Above such a block stands a comment: `<!-- at 2026-03-24T15:30, lines 1-12 -->` lets the demo's time pass until then,
runs the commands of the block as at a terminal, and shows so many lines of each answer (all, when it does not say);
`<!-- from FILE -->` is an excerpt of a file of the repository, `<!-- from the demo -->` one of what it prints, both
with `...` where something is left out (`test_demo.py` looks at the latter); `<!-- with mistakes -->` runs commands on a
copy with two mistakes in it; `<!-- an issue for everybody -->` is a campaign that is run; `<!-- import of FILE -->`
imports a file of the shared test data into a new project, and `<!-- import of members who left -->` one that the test
writes. `<!-- in this repository -->` are programs of it.
`pytest --update` writes the answers of commands anew.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from nurture_cli.cli.demo_town import Town, instant
from nurture_cli.cli.demo_week import week
from nurture_cli.clock import SteppingClock
from tests.conftest import Nurture
from tests.pages import ROOT, Block, blocks, differences, excerpt_of, write_anew

AT = re.compile(r"at (?P<at>\S+?)(?:, lines (?P<first>\d+)-(?P<last>\d+))?")
COLUMNS = 500
MISTAKES = (("within: 180 days", "witin: 180 days"), ("- send: why-zero-trust\n", "- send: why-zero-trsut\n"))

Settle = Callable[[Sequence[tuple[Block, str]]], None]


@pytest.fixture
def settle(update: bool) -> Settle:
    """Compare blocks with what they should be, or write that."""

    def done(made: Sequence[tuple[Block, str]]) -> None:
        if update:
            write_anew(made)
        else:
            assert differences(made) == {}

    return done


def cut(said: str, wanted: re.Match[str]) -> str:
    """The lines of an answer that a block shows."""
    lines = said.splitlines()
    first, last = int(wanted["first"] or 1), int(wanted["last"] or len(lines))
    more = ["…"] if last < len(lines) else []
    return "".join(line.rstrip() + "\n" for line in [*lines[first - 1 : last], *more])


@pytest.fixture
def say(nurture: Nurture, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Callable[[str], str]]:
    """What a terminal shows after a command, in a folder."""
    monkeypatch.setenv("TERM", "dumb")

    def there(folder: Path) -> Callable[[str], str]:
        return lambda command: "".join(
            line.rstrip() + "\n"
            for line in nurture(
                *shlex.split(command)[1:], cwd=folder, terminal=True, columns=COLUMNS, together=True
            ).out.splitlines()
        )

    return there


def test_the_blocks_about_the_example_are_what_is_printed(
    say: Callable[[Path], Callable[[str], str]], clock: SteppingClock, tmp_path: Path, settle: Settle
) -> None:
    town = Town(tmp_path / "harbourline")
    assert [*town.opened(), *week(town)]
    typed, made = say(town.root), []

    for block in sorted(blocks("at "), key=lambda one: one.order):
        wanted = AT.fullmatch(block.order)
        assert wanted is not None, block.order
        for _ in town.until(instant(wanted["at"])):
            pass
        clock.at = town.clock.now()
        made.append((block, block.answered(lambda command, wanted=wanted: cut(typed(command), wanted))))  # type: ignore[misc]

    assert made
    settle(made)


def test_the_excerpts_are_in_the_files() -> None:
    found = [block for block in blocks("from ") if block.order != "from the demo"]

    assert found
    for block in found:
        lines = (ROOT / block.order.removeprefix("from ")).read_text("utf-8").splitlines()
        assert excerpt_of(lines, block.text), block.order


def test_the_programs_of_the_repository_are_there() -> None:
    found = [command for block in blocks("in this repository") for command in block.commands()]

    assert {"./demo", "./test"} <= set(found)
    for command in found:
        assert os.access(ROOT / shlex.split(command)[0], os.X_OK), command


def test_the_mistakes_are_shown_as_they_are_found(
    nurture: Nurture, say: Callable[[Path], Callable[[str], str]], tmp_path: Path, settle: Settle
) -> None:
    nurture("init", "p", "--example", cwd=tmp_path)
    file = tmp_path / "p" / "campaigns" / "zero-trust.yml"
    for right, wrong in MISTAKES:
        assert right in file.read_text()
        file.write_text(file.read_text().replace(right, wrong, 1))
    (block,) = blocks("with mistakes")

    settle([(block, block.answered(say(tmp_path / "p")))])


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
    (there / "campaigns" / "may-issue.yml").write_text(block.text)
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


EXPORTS = {
    "unsubscribed": "Email Address\nleft@firm.example\n",
    "cleaned": "Email Address\ndead@firm.example\n",
    "subscribed": 'Email Address,TAGS\nold@firm.example,"vip, newsletter"\nleft@firm.example,vip\n',
}


def test_readers_who_come_from_mailchimp_are_not_welcomed_as_new_and_those_who_left_stay_out(
    nurture: Nurture, tmp_path: Path
) -> None:
    (block,) = blocks("moving over")
    nurture("init", "p", "--yes", cwd=tmp_path)
    for name, rows in EXPORTS.items():
        (tmp_path / "p" / f"{name}_members_export.csv").write_text(rows)

    answers = [nurture(*shlex.split(command)[1:], cwd=tmp_path / "p") for command in block.commands()]
    planned = nurture("plan", "--json", cwd=tmp_path / "p")
    listed = nurture("contacts", "list", "--json", cwd=tmp_path / "p").out.splitlines()

    assert [answer.code for answer in answers] == [0] * len(answers)
    assert "2 new" in answers[2].out
    assert (planned.code, "@firm.example" in planned.out) == (0, False)
    assert {one["email"]: one["suppressed"] for one in map(json.loads, listed)} == {
        "old@firm.example": None,
        "left@firm.example": "unsubscribed",
    }


MEMBERS = "Email,Status\nann@example.net,Subscribed\nbob@example.net,Unsubscribed\ncy@example.net,Bounced\n"


@pytest.mark.parametrize("order", ["import of leads/leads-10000.csv", "import of members who left"])
def test_an_import_is_shown_as_it_is_reported(
    nurture: Nurture,
    say: Callable[[Path], Callable[[str], str]],
    tmp_path: Path,
    settle: Settle,
    shared: Callable[[str], Path],
    order: str,
) -> None:
    nurture("init", "p", "--yes", cwd=tmp_path)
    (tmp_path / "p" / "members.csv").write_text(MEMBERS)
    name = order.removeprefix("import of ")
    if name.endswith(".csv"):
        shutil.copy(shared(name), tmp_path / "p")
    (block,) = blocks(order)

    settle([(block, block.answered(say(tmp_path / "p")))])
