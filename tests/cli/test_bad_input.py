"""Nothing that can be typed gives a traceback, an undocumented code, or a control sequence."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nurture_cli.cli.exits import MEANINGS
from tests.conftest import AddPerson, Nurture

CODES = {code for code, _ in MEANINGS} - {70}
JUNK = [
    "",
    " ",
    "\udcff",
    "\x1b[2J",
    "漢" * 300,
    "a" * 100_000,
    "../../etc/passwd",
    "-1",
    "--",
    "{{7*7}}",
    "[/]",
    "'",
]
TAKES_WORDS = [
    ["init"], ["init", "--example"], ["check", "--project"], ["rule"], ["schema"], ["preview", "welcome", "--contact"],
    ["preview", "--contact", "ann@example.com"], ["plan", "--at"], ["plan", "--campaign"], ["plan", "--contacts"],
    ["plan", "--db"], ["explain"], ["explain", "ann@example.com"], ["explain", "ann@example.com", "--campaign"],
    ["run", "--limit"], ["run", "--confirm"], ["run", "--project"], ["cron", "--every"], ["cron", "--project"],
    ["tasks", "done"], ["touches", "list", "--state"], ["touches", "list", "--contact"], ["touches", "resolve", "sent"],
    ["touches", "resolve"], ["contacts", "import"], ["contacts", "list", "--where"], ["contacts", "show"],
    ["contacts", "add"], ["contacts", "set", "ann@example.com"], ["contacts", "tag", "ann@example.com"],
    ["contacts", "untag", "ann@example.com"], ["events", "add", "ann@example.com"],
    ["events", "add", "ann@example.com", "clicked"], ["events", "add", "ann@example.com", "clicked", "x", "--at"],
    ["events", "import"], ["suppress", "add"], ["suppress", "remove", "--why", "x"],
    ["contacts", "refer", "--by", "ann@example.com"], ["contacts", "refer", "new@example.com", "--by"],
    ["contacts", "refer", "new@example.com", "--by", "ann@example.com"],
    ["contacts", "set", "ann@example.com", "--reason"],
    ["contacts", "set", "ann@example.com", "stage=name", "--reason"], ["sales", "list"], ["sales", "brief"],
    ["sales", "accept"], ["sales", "reject", "ann@example.com", "--reason"], ["sales", "lost", "--reason", "x"],
    ["sales", "won", "ann@example.com", "--value"], ["sales", "export", "--db"],
    ["request", "ann@example.com"], ["request"], ["backup"], ["status", "--db"], ["no-such-command"],
]  # fmt: skip


def settled(answer: object) -> None:
    """The answer has a documented code and moves no cursor."""
    assert answer.code in CODES, answer.err[-2000:]  # type: ignore[attr-defined]
    assert "Traceback" not in answer.err  # type: ignore[attr-defined]
    assert "\x1b[2J" not in answer.out + answer.err  # type: ignore[attr-defined]


@pytest.mark.parametrize("words", TAKES_WORDS, ids=" ".join)
def test_any_word_is_answered(
    nurture: Nurture, shop: Path, person: AddPerson, words: list[str], tmp_path: Path
) -> None:
    person("ann@example.com")
    (tmp_path / "elsewhere").mkdir()
    where = tmp_path / "elsewhere" if words[0] == "init" else shop

    for junk in JUNK:
        settled(nurture(*words, junk, cwd=where))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.text(max_size=60))
def test_any_condition_is_answered(nurture: Nurture, shop: Path, where: str) -> None:
    settled(nurture("contacts", "list", "--where", where, cwd=shop))


@pytest.mark.parametrize("columns", [20, 500])
def test_every_width_is_wide_enough(nurture: Nurture, shop: Path, person: AddPerson, columns: int) -> None:
    person("ann@example.com", "fair", first_name="漢字" * 20)
    nurture("run", cwd=shop)

    for words in (
        ["--help"], ["plan", "--help"], ["plan"], ["status"], ["explain", "ann@example.com"], ["contacts", "list"],
        ["contacts", "show", "ann@example.com"], ["touches", "list"], ["rule"], ["doctor"], ["check"],
    ):  # fmt: skip
        answer = nurture(*words, cwd=shop, terminal=True, columns=columns)
        assert answer.code == 0
        assert answer.out or words == ["check"]


@pytest.mark.parametrize(
    "harm",
    [
        lambda shop: (shop / "nurture.db").write_bytes(b"not a database, but long enough to be one" * 100),
        lambda shop: (shop / "nurture.db").write_bytes((shop / "nurture.db").read_bytes()[:5000]),
        lambda shop: ((shop / "nurture.db").unlink(), (shop / "nurture.db").mkdir()),
        lambda shop: (shop / "nurture.key").write_text("x"),
        lambda shop: (shop / "nurture.yml").write_bytes(b"\xff\xfe\x00"),
        lambda shop: (shop / "nurture.yml").write_text(""),
        lambda shop: ((shop / "nurture.yml").unlink(), (shop / "nurture.yml").mkdir()),
        lambda shop: ((shop / "nurture.yml").unlink(), (shop / "nurture.yml").symlink_to("/nowhere")),
    ],
    ids=["foreign", "cut", "folder", "key", "utf-16", "empty", "no file", "dangling"],
)
def test_every_command_answers_a_broken_project(nurture: Nurture, shop: Path, person: AddPerson, harm: object) -> None:
    person("ann@example.com", "fair")
    harm(shop)  # type: ignore[operator]

    for words in (
        ["check"], ["plan"], ["run"], ["status"], ["doctor"], ["explain", "ann@example.com"], ["contacts", "list"],
        ["contacts", "show", "ann@example.com"], ["sales", "list"], ["sales", "brief", "ann@example.com"],
        ["sales", "won", "ann@example.com"], ["contacts", "refer", "b@example.com", "--by", "ann@example.com"],
        ["sales", "export"], ["suppress", "add", "x@example.com"], ["suppress", "list"],
        ["tasks", "list"], ["touches", "list"], ["request", "ann@example.com", "guide"], ["backup"], ["migrate"],
        ["adopt"], ["recover"], ["cron"], ["preview", "guide", "--contact", "ann@example.com"],
        ["events", "add", "ann@example.com", "clicked", "guide"], ["contacts", "export"], ["init", "."],
        ["schema", "--write"],
    ):  # fmt: skip
        settled(nurture(*words, cwd=shop))
