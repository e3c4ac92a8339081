"""The reference page, made from the code: `python -m nurture_cli.cli.reference > docs/reference.md`."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from typer.core import TyperGroup

from nurture_cli.campaign.keys.schema import BLOCKS, Which
from nurture_cli.cli.app import load
from nurture_cli.cli.commands import COMMANDS
from nurture_cli.cli.rule_pages import pages
from nurture_cli.exit_code import ExitCode
from nurture_cli.language.expression import MeasureName
from nurture_cli.language.functions import FunctionName
from nurture_cli.reasons import End, FunnelVerdict, Hold, Nothing, Silence, Verdict
from nurture_cli.records import CORE_TEXT_FIELDS, EVENT_KINDS

if TYPE_CHECKING:
    from typer._click.core import Command, Context

    from nurture_cli.campaign.keys.blocks import Block

_TITLES: dict[Which, str] = {
    "project": "nurture.yml",
    "campaign": "campaigns/*.yml",
    "asset": "templates/* (front matter)",
}


def reference() -> str:
    """The whole page as Markdown."""
    parts = (_head(), _commands(), _files(), _conditions(), _rules(), _reasons(), _exit_codes())
    return "\n".join(line for part in parts for line in part) + "\n"


def _head() -> Iterator[str]:
    yield "# Reference"
    yield ""
    yield "This page is made from the code; a test keeps it so."
    yield ""
    yield "[Commands](#commands) · [Files](#files) · [Conditions](#conditions) · [Rules](#rules-of-check) ·"
    yield "[Reasons](#reasons) · [Exit codes](#exit-codes)"
    yield ""


def _commands() -> Iterator[str]:
    yield "## Commands"
    yield ""
    yield "Data goes to standard output, messages to standard error. On a terminal lists are tables, and long ones show"
    yield "their head; in a pipe or file they are tab-separated and whole, with the names of the columns in the first"
    yield "line. With `--json` a list is one JSON document a line. Every time carries its zone."
    section = ""
    for entry in COMMANDS:
        if entry.section != section:
            section = entry.section
            yield ""
            yield f"### {section}"
        command = load(entry.module, entry.name)
        yield from _command(command, f"nurture {entry.name}")
        if isinstance(command, TyperGroup):
            for name, below in command.commands.items():
                yield from _command(below, f"nurture {entry.name} {name}")
    yield ""


def _command(command: Command, path: str) -> Iterator[str]:
    context = command.make_context(path, [], resilient_parsing=True)
    yield ""
    yield f"#### `{path}`"
    yield ""
    if not isinstance(command, TyperGroup):
        yield "```"
        yield f"{path} {' '.join(command.collect_usage_pieces(context))}"
        yield "```"
        yield ""
    yield from _help_text(inspect.cleandoc(command.help or ""))
    records = list(_parameters(command, context))
    if records:
        yield "| | |"
        yield "| --- | --- |"
        for names, meaning in records:
            yield f"| {_code(names)} | {_cell(meaning)} |"


def _help_text(text: str) -> Iterator[str]:
    """Paragraphs; what stands under `\\b` is shown as it is."""
    for block in text.split("\n\n"):
        if block.startswith("\b\n"):
            title, _, rest = block[2:].partition("\n")
            if title == "Examples:":
                yield "```console"
                yield from (f"$ {line.strip()}" for line in rest.splitlines())
            else:
                yield "```"
                yield from (title, *rest.splitlines())
            yield "```"
        else:
            yield " ".join(block.split())
        yield ""


def _parameters(command: Command, context: Context) -> Iterator[tuple[str, str]]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and "--help" not in parameter.opts:
            yield record[0].strip(), record[1]


def _files() -> Iterator[str]:
    yield "## Files"
    yield ""
    yield "YAML is read strictly: `17:00`, `no`, `on`, `1.10` and `010` are what they look like; repeated and unknown"
    yield "keys are errors. Lengths of time are written `3 days`, `2 weeks` (calendar days, at the same local hour),"
    yield "`72h`, `45 minutes` (elapsed time) or `4 business days` (no Saturdays, Sundays and `closed:` dates)."
    for which, title in _TITLES.items():
        yield ""
        yield f"### {title}"
        if which == "asset":
            yield ""
            yield "[templates.md](templates.md) has examples, and all about variables, layouts and languages."
        for block in BLOCKS[which]:
            yield from _block(block)
    yield ""


def _block(block: Block) -> Iterator[str]:
    yield ""
    yield f"#### {heading(block)}"
    yield ""
    yield block.sentence
    yield ""
    yield "| key | value | default | meaning | example |"
    yield "| --- | --- | --- | --- | --- |"
    for key in block.keys:
        without = "required" if key.required else _cell(key.absent)
        yield (
            f"| `{key.name}` | {_cell(key.kind.words)} | {without} | {_cell(key.sentence)} "
            f"| {_code(' '.join(key.example.split()))} |"
        )


def heading(block: Block) -> str:
    """What a block is called in the reference: `wait_for step`, `arm of a branch`."""
    return re.sub(r"^(a|an|the) ", "", block.name)


def _conditions() -> Iterator[str]:
    yield "## Conditions"
    yield ""
    yield "One small language everywhere: `when`, `if`, `wait_for`, `until`, segments and `contacts list --where`."
    yield ""
    yield '- `and`, `or`, `not`, brackets; `==`, `!=`, `<`, `<=`, `>`, `>=`; `in ["a", "b"]`; `"text" in field`;'
    yield "  `field is None`, `field is not None`."
    yield "- A missing value equals only `None`, and is in no list; `<`, `<=`, `>` and `>=` are always no for it. So"
    yield '  `x != "a"` is yes for a missing x.'
    yield "- Events that nurture takes for a machine's do not count."
    yield ""
    yield f"Fields that every contact has: {_names(CORE_TEXT_FIELDS)}; your own are under `fields:` in nurture.yml."
    yield ""
    yield f"Built-in kinds of events: {_names(EVENT_KINDS)}; more under `events:` in nurture.yml."
    yield ""
    yield "| call | gives | meaning | example |"
    yield "| --- | --- | --- | --- |"
    for function in FunctionName:
        yield (
            f"| {_code(function.signature)} | {function.gives} | {_cell(function.sentence)} "
            f"| {_code(function.example)} |"
        )
    yield ""
    yield "Facts that nurture works out, named like fields; a campaign cannot set them."
    yield ""
    yield "| measure | gives | meaning | example |"
    yield "| --- | --- | --- | --- |"
    for measure in MeasureName:
        yield f"| `{measure}` | {measure.gives} | {_cell(measure.sentence)} | {_code(measure.example)} |"
    yield ""


def _rules() -> Iterator[str]:
    yield "## Rules of `check`"
    yield ""
    yield "`nurture rule NAME` prints the whole page of a rule. To allow a warning or a note, put a comment on its line"
    yield "or the line above: `# nurture: allow NAME`."
    yield ""
    yield "| rule | | finds |"
    yield "| --- | --- | --- |"
    for page in pages().values():
        yield f"| `{page.id}` | {page.severity} | {_cell(page.summary)} |"
    yield ""


def _reasons() -> Iterator[str]:
    yield "## Reasons"
    yield ""
    yield "Why a message that is due is held back; if several reasons hold, nurture names the first in this list:"
    yield ""
    yield "| reason | why | goes out |"
    yield "| --- | --- | --- |"
    for hold in Hold:
        yield f"| `{hold}` | {_cell(hold.why)} | {_cell(hold.frees.replace('{email}', 'EMAIL'))} |"
    yield ""
    for title, reasons in (
        ("Why a plan has nothing due and nothing held back; one plan can have several reasons", Nothing),
        ("How a pass through a campaign ends", End),
        ("What `explain` says about an asset", Verdict),
        ("What `explain` says about a contact in the funnel", FunnelVerdict),
        ("Why `silent` says a contact is not written to, where no message is held back", Silence),
    ):
        yield f"{title}:"
        yield ""
        yield "| | |"
        yield "| --- | --- |"
        for value, meaning in _commented(reasons):
            yield f"| `{value}` | {_cell(meaning)} |"
        yield ""


def _commented(reasons: type[StrEnum]) -> Iterator[tuple[str, str]]:
    """The members of a closed list with the comments behind them in the source."""
    comments = dict(re.findall(r'= "([a-z-]+)"(?:  # (.*))?', inspect.getsource(reasons)))
    for reason in reasons:
        yield reason.value, comments[reason.value]


def _exit_codes() -> Iterator[str]:
    yield "## Exit codes"
    yield ""
    yield "The same for every command."
    yield ""
    yield "| code | meaning |"
    yield "| --- | --- |"
    for code in ExitCode:
        yield f"| {code} | {_cell(code.meaning)} |"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


if __name__ == "__main__":
    sys.stdout.write(reference())
