"""Help that fits the screen, topics, and words that are no command but lead on to one."""

import re

import pytest
from typer.core import TyperGroup

from nurture_cli.cli.app import load
from nurture_cli.cli.commands import COMMANDS, FIRST
from nurture_cli.cli.help import TOPICS
from nurture_cli.cli.leads import LEADS
from nurture_cli.exit_code import ExitCode
from tests.conftest import Nurture

NAMES = [command.name for command in COMMANDS]


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",)], ids=" ".join)
def test_the_help_fits_a_terminal_of_24_lines_with_the_prompt_below_it(
    nurture: Nurture, words: tuple[str, ...]
) -> None:
    answer = nurture(*words, terminal=True, columns=80)

    shown = (answer.out or answer.err).splitlines()
    assert len(shown) <= 23
    assert max(map(len, shown)) < 80
    for name in NAMES:
        assert re.search(rf"\b{name}\b", "\n".join(shown))
    assert "`nurture help`" in shown[-1]


def test_help_describes_every_command_option_and_topic(nurture: Nurture) -> None:
    answer = nurture("help", columns=120)

    assert answer.code == 0
    for command in COMMANDS:
        assert re.search(rf"^  {command.name} +\w", answer.out, re.M)
    for word in ("--version", "--install-completion", *TOPICS):
        assert word in answer.out


def test_the_exit_codes_are_a_topic(nurture: Nurture) -> None:
    answer = nurture("help", "exit-codes")

    assert answer.code == 0
    for code in ExitCode:
        assert re.search(rf"^ +{code}  {re.escape(code.meaning.split()[0])}", answer.out, re.M)


@pytest.mark.parametrize("words", [["plan"], ["contacts"], ["contacts", "import"], ["help"]], ids=" ".join)
def test_help_of_a_command_is_what_its_option_prints(nurture: Nurture, words: list[str]) -> None:
    assert nurture("help", *words) == nurture(*words, "--help")


def test_version_is_understood_as_a_word_too(nurture: Nurture) -> None:
    assert nurture("version") == nurture("--version")


def test_what_is_described_first_exists() -> None:
    assert set(FIRST) <= set(NAMES)


def test_a_word_that_leads_on_is_no_command_and_leads_to_one_that_exists() -> None:
    assert not LEADS.keys() & set(NAMES)
    for word, lead in LEADS.items():
        called = re.findall(r"`nurture (.*?)`", lead)
        assert called or "paused: true" in lead, word
        for command in called:
            assert_can_be_typed(command)


@pytest.mark.parametrize(
    ("word", "lead"),
    [
        ("scaffold", "`nurture new campaign NAME`"),
        ("create", "`nurture new asset NAME`"),
        ("people", "`nurture contacts`"),
        ("delete", "`nurture suppress add EMAIL`"),
        ("list", "`nurture contacts list`"),
        ("plam", "`nurture plan`"),
        ("improt", "`nurture contacts import FILE`"),
    ],
)
def test_a_wrong_word_leads_on(nurture: Nurture, word: str, lead: str) -> None:
    answer = nurture(word)

    assert (answer.code, lead in answer.err) == (2, True), answer.err


def test_a_group_names_its_commands_when_another_is_tried(nurture: Nurture) -> None:
    answer = nurture("new", "template")

    assert answer.code == 2
    assert answer.err.startswith("error: There is no command `nurture new template`. Choose from: asset, campaign.\n")


def test_a_word_that_is_only_a_little_like_a_guess_leads_nowhere(nurture: Nurture) -> None:
    assert nurture("colours").err.startswith("error: There is no command `colours`.\n")


def assert_can_be_typed(line: str) -> None:
    name, *rest = line.split()
    if name.startswith("-"):
        return
    (entry,) = (command for command in COMMANDS if command.name == name)
    command = load(entry.module, entry.name)
    if isinstance(command, TyperGroup) and rest:
        command = command.commands[rest[0]]
    known = [option for parameter in command.params for option in parameter.opts]
    assert all(word in known for word in rest if word.startswith("--")), line
