"""The reference page says everything, and says it as it is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperGroup

import nurture_cli
from nurture_cli.campaign.keys.schema import BLOCKS
from nurture_cli.campaign.keys.step import VERBS
from nurture_cli.cli.app import load
from nurture_cli.cli.commands import COMMANDS
from nurture_cli.cli.reference import heading, reference
from nurture_cli.cli.rule_pages import pages
from nurture_cli.exit_code import ExitCode
from nurture_cli.language.expression import MeasureName
from nurture_cli.language.functions import FunctionName
from nurture_cli.reasons import End, Hold, Nothing, Verdict
from nurture_cli.records import CORE_TEXT_FIELDS, EVENT_KINDS

PACKAGE = Path(nurture_cli.__file__).parent
PAGE = PACKAGE.parent / "docs" / "reference.md"
GUIDE = PAGE.with_name("operations.md")


@pytest.fixture(scope="module")
def page() -> str:
    """The page as it is in the repository."""
    return PAGE.read_text("utf-8")


def test_the_page_is_what_the_code_says(update: bool) -> None:
    now = reference()

    if update:
        PAGE.write_text(now, "utf-8")
    assert PAGE.read_text("utf-8") == now, "Run: python -m nurture_cli.cli.reference > docs/reference.md"


def paths() -> Iterator[tuple[str, object]]:
    """Every command and what it stands for."""
    for entry in COMMANDS:
        command = load(entry.module, entry.name)
        yield f"nurture {entry.name}", command
        if isinstance(command, TyperGroup):
            for name, below in command.commands.items():
                yield f"nurture {entry.name} {name}", below


PATHS = list(paths())


@pytest.mark.parametrize(("path", "command"), PATHS, ids=[path for path, _ in PATHS])
def test_every_command_has_its_place_with_an_example_and_every_option(page: str, path: str, command: object) -> None:
    section = page.partition(f"#### `{path}`\n")[2].partition("\n####")[0]
    assert section
    if not isinstance(command, TyperGroup):
        assert f"$ {path}" in section
        for parameter in command.params:  # type: ignore[attr-defined]
            assert parameter.opts[-1] in section or (parameter.metavar or "").strip("[].") in section
            assert getattr(parameter, "help", None), f"{path} {parameter.name} has no help"


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_the_line_in_the_help_is_the_first_line_of_the_command(entry: object) -> None:
    command = load(entry.module, entry.name)  # type: ignore[attr-defined]

    assert (command.help or "").partition("\n")[0] == entry.summary  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "group", [command for _, command in PATHS if isinstance(command, TyperGroup)], ids=lambda command: command.name
)
def test_the_lines_in_the_help_of_a_group_are_whole(group: TyperGroup) -> None:
    text = group.get_help(group.make_context("nurture", [], resilient_parsing=True))

    assert "..." not in text.partition("Commands:")[2]


@pytest.mark.parametrize("block", [block for blocks in BLOCKS.values() for block in blocks], ids=lambda one: one.title)
def test_every_key_has_its_row(page: str, block: object) -> None:
    section = page.partition(f"#### {heading(block)}\n")[2].partition("\n#")[0]  # type: ignore[attr-defined]

    for key in block.keys:  # type: ignore[attr-defined]
        assert f"| `{key.name}` |" in section


def test_every_verb_call_field_kind_rule_reason_and_exit_code_is_there(page: str) -> None:
    for verb in VERBS:
        assert f"#### {verb} step\n" in page
    for function in FunctionName:
        assert f"| `{function}(" in page
    for measure in MeasureName:
        assert f"| `{measure}` | {measure.gives} |" in page
        assert f"| `{measure.example}` |" in page
    for name in (*CORE_TEXT_FIELDS, *EVENT_KINDS):
        assert f"`{name}`" in page
    for rule in pages():
        assert f"| `{rule}` |" in page
    for reason in (*Hold, *Nothing, *End, *Verdict):
        assert re.search(rf"^\| `{reason}` \| \S", page, re.M)
    for code in ExitCode:
        assert f"\n| {code} |" in page


def test_the_guide_to_operations_says_what_to_do_about_every_exit_code() -> None:
    section = GUIDE.read_text("utf-8").partition("## Exit codes")[2]

    assert re.findall(r"^\| (\d+) \| \S", section, re.M) == [str(code.value) for code in ExitCode]


def emitted() -> Iterator[tuple[str, str]]:
    """The rules that the readers of files name in their code, with the file that does."""
    rooms = ("text", "language", "campaign", "inbound")
    for path in (PACKAGE / "project.py", *(path for room in rooms for path in (PACKAGE / room).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=func, args=[ast.Constant(value=str(rule)), _, *_]) if getattr(
                    func, "attr", getattr(func, "id", "")
                ).lstrip("_") in ("error", "warning", "note", "refuse", "Diagnostic", "finding"):
                    yield rule, path.name
                case ast.Call(func=ast.Name(id="Written"), args=[_, ast.Constant(value=str(rule)), *_]):
                    yield rule, path.name
                case ast.Constant(value=str(rule)) if re.fullmatch(r"unknown-[a-z-]+", rule):
                    yield rule, path.name


def test_every_rule_that_a_reader_names_has_a_page() -> None:
    found = dict(emitted())

    assert len(found) > 40
    assert {rule: file for rule, file in found.items() if rule not in pages()} == {}


def test_what_must_stand_behind_the_link_to_unsubscribe_is_said_where_it_is_asked_for(page: str) -> None:
    section = page.partition("#### `unsubscribe`\n")[2].partition("\n####")[0]
    rule = pages()["one-click-unsubscribe"].text

    for text in (section, rule):
        for part in (
            "List-Unsubscribe=One-Click",
            "RFC 8058",
            "200",
            "redirect",
            "login",
            "GET",
            "`nurture unsubscribe",
        ):
            assert part in text
    assert "nurture rule one-click-unsubscribe" in pages()["missing-unsubscribe"].text
