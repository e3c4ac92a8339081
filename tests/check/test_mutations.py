"""Every reference of the example project matters: misspell one, and `check` fails at that very place."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture_cli.campaign.diagnostic import Severity
from nurture_cli.check import check
from nurture_cli.project import load_project

ROOT = Path(__file__).parents[2]
A_TUESDAY_MORNING = 1772528400

NAME = r"[A-Za-z0-9_-]+"
# What stands where is known by its surroundings; the group is the name.
IN_CAMPAIGNS = {
    "asset of a send": rf"send: ({NAME})",
    "asset of a stream": rf"stream:\n(?:\s+- .*\n(?:\s+if: .*\n)?)*?\s+- ({NAME})\n",
    "stage of a step or rule": rf"\bstage: ({NAME})",
    "stage with a sequence": rf"^  (?!any)({NAME}):\n    - ",
    "stage in a condition": r'stage [=!]= "([^"]+)"',
    "stage in a list": r'stage in \["([^"]+)"',
    "target of a goto": rf"goto: ({NAME})",
    "segment": r'in_segment\("([^"]+)"',
    "kind of event": r'did\("([^"]+)"',
    "asset of an event": r'(?:clicked|replied|attended|requested|downloaded|received|visited)\("([^"]+)"',
    "function": r"\b(clicked|replied|attended|requested|did|in_segment|tag)\(",
    "field in a condition": r"(?:if|when): (role|country|employees) ",
    "field that is set": r"set:\n\s+(interest):",
}
IN_TEMPLATES = {
    "stage of an asset": rf"^stages: \[({NAME})",
    "channel of an asset": rf"^channel: ({NAME})",
    "asset of which it is a variant": rf"^variant_of: ({NAME})",
    "field of the contact": r"\{\{ contact\.([a-z_]+)",
    "part of the asset": r"\{\{ asset\.([a-z_]+)",
    "part of the sender": r"\{\{ sender\.([a-z_]+)",
    "plain name": r"\{\{ (unsubscribe_url|today|preheader|body)\b",
    "record": r"\{\{ (contact|asset|sender|project)\.",
    "filter": r"\| ([a-z]+)",
}
IN_CONFIG = {
    "field of a segment": r"(employees) >= 200",
    "argument of a function": r"days_until\((renewal)\)",
    "consent in a list": r'consent in \["([^"]+)"',
}


def references(text: str, patterns: dict[str, str]) -> Iterator[tuple[str, int, int]]:
    """Every reference in a text: what it is, and where its name begins and ends."""
    for what, pattern in patterns.items():
        for hit in re.finditer(pattern, text, re.MULTILINE):
            yield what, *hit.span(1)


def patterns_for(path: Path) -> dict[str, str]:
    if path.parent.name == "campaigns":
        return IN_CAMPAIGNS
    return IN_TEMPLATES if path.parent.name == "templates" else IN_CONFIG


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example project."""
    folder = tmp_path_factory.mktemp("example")
    for name in ("campaigns", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "nurture.yml", folder)
    return folder


FILES = sorted(
    str(path.relative_to(ROOT))
    for path in (ROOT / "nurture.yml", *(ROOT / "campaigns").iterdir(), *(ROOT / "templates").iterdir())
)


def test_the_example_project_has_nothing_wrong_but_notes(example: Path) -> None:
    worse = [
        finding for finding in check(load_project(example), at=A_TUESDAY_MORNING) if finding.severity != Severity.NOTE
    ]

    assert worse == []


def test_the_example_project_has_references_of_every_sort() -> None:
    found = {what for name in FILES for what, *_ in references((ROOT / name).read_text(), patterns_for(ROOT / name))}

    assert found == IN_CAMPAIGNS.keys() | IN_TEMPLATES.keys() | IN_CONFIG.keys()


@pytest.mark.parametrize("name", FILES)
def test_a_misspelt_reference_is_found_where_it_stands(name: str, example: Path) -> None:
    path = example / name
    sound = path.read_text()
    survived = []
    try:
        for what, start, end in references(sound, patterns_for(path)):
            path.write_text(sound[:start] + "zz" + sound[start:])
            line = sound.count("\n", 0, start) + 1
            errors = [
                finding
                for finding in check(load_project(example), at=A_TUESDAY_MORNING)
                if finding.severity == Severity.ERROR
            ]
            if not any((finding.span.file, finding.span.line) == (name, line) for finding in errors):
                survived.append(f"{what} `{sound[start:end]}` in line {line}: {[str(found.span) for found in errors]}")
    finally:
        path.write_text(sound)

    assert survived == []
