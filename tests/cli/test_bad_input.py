"""Nothing that can be typed gives a traceback, an undocumented code, or a control sequence."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typer._click.core import Command, Parameter
from typer.core import TyperGroup

from nurture_cli.cli.app import load
from nurture_cli.cli.commands import COMMANDS
from nurture_cli.exit_code import ExitCode
from tests.conftest import AddPerson, Nurture
from tests.examples import examples

CODES = set(ExitCode) - {ExitCode.FAULT}
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


def slots() -> Iterator[tuple[list[str], list[str]]]:
    """Every argument and every option of every command that takes a word: what stands before it, and after it."""
    for entry in COMMANDS:
        if entry.name == "demo":  # lets a year pass in whatever folder the word names
            continue
        command = load(entry.module, entry.name)
        below = command.commands.items() if isinstance(command, TyperGroup) else [("", command)]
        for name, one in below:
            yield from slots_of([entry.name, *filter(None, [name])], one)


def slots_of(path: list[str], command: Command) -> Iterator[tuple[list[str], list[str]]]:
    asked = [one for one in command.params if one.param_type_name == "argument"]
    needed = [word for one in asked if one.required for word in FILLS.get(one.name or "", ["x"])]
    options = [word for one in command.params if is_option(one) and one.required for word in (one.opts[-1], "x")]
    for position in range(len(asked)):
        before = [word for one in asked[:position] for word in FILLS.get(one.name or "", ["x"])]
        after = [word for one in asked[position + 1 :] if one.required for word in FILLS.get(one.name or "", ["x"])]
        yield [*path, *options, *before], after
    for option in command.params:
        if is_option(option) and not getattr(option, "is_flag", False):
            yield [*path, *needed, *options, option.opts[-1]], []


def is_option(parameter: Parameter) -> bool:
    return parameter.param_type_name == "option" and parameter.name != "help"


FILLS = {"email": ["ann@example.com"], "asset": ["welcome"]}
SLOTS = list(slots())
HALF_A_PAIR = ["\udcff", "x\udcff=y", "x=\udcff", "\\ud800", 'tag("\\ud800")', 'role in ["\\ud800"]', r'x="\ud800"']


@pytest.mark.parametrize(("before", "after"), SLOTS, ids=[" ".join([*before, "…", *after]) for before, after in SLOTS])
def test_half_of_a_surrogate_pair_is_answered_wherever_a_word_can_stand(
    nurture: Nurture, shop: Path, person: AddPerson, before: list[str], after: list[str], tmp_path: Path
) -> None:
    person("ann@example.com")
    (tmp_path / "elsewhere").mkdir()
    where = tmp_path / "elsewhere" if before[0] == "init" else shop

    for half in HALF_A_PAIR:
        settled(nurture(*before, half, *after, cwd=where))


def test_a_folder_whose_name_is_not_text_is_answered_by_every_command(
    nurture: Nurture, shop: Path, tmp_path: Path
) -> None:
    odd = shop.rename(tmp_path / "caf\udce9")

    for entry in COMMANDS:
        if entry.name != "demo":
            settled(nurture(entry.name, cwd=odd))
    for words in (["init", "new"], ["demo", "new"], ["backup"], ["contacts", "export"], ["contacts", "list"]):
        settled(nurture(*words, cwd=odd))
    assert not (odd / "new").exists()


PIECES = [
    "role", "stage", "tag(", ")", "did(", '"downloaded"', ", ", " == ", " in ", "[", "]", " and ", "not ", '"', "'",
    r"\ud800", r"\x00", r"\N{SNOWMAN}", r"\ude00", "\\", "é", "#", "5", "employees", " > ", "None", "in_segment(",
]  # fmt: skip


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(pieces=["role", " == ", '"', r"\ud800", '"'])
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=14))
def test_any_condition_made_of_the_languages_own_pieces_is_answered(
    nurture: Nurture, shop: Path, pieces: list[str]
) -> None:
    settled(nurture("contacts", "list", "--where", "".join(pieces), cwd=shop))


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
