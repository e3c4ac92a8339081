"""Every reference of the example project matters: misspell one, and `check` fails at that very place."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture_cli.check import check
from nurture_cli.cli.example import example_files
from nurture_cli.project import load_project
from nurture_cli.text.diagnostic import Diagnostic, Severity

ROOT = Path(__file__).parents[2]
A_TUESDAY_MORNING = 1772528400

NAME = r"[A-Za-z0-9_-]+"
# What stands where is known by its surroundings; the group is the name.
IN_CAMPAIGNS = {
    "asset of a send": rf"send: ({NAME})",
    "asset of a stream": rf"stream:\n(?:\s+- .*\n(?:\s+if: .*\n)?)*?\s+- ({NAME})\n",
    "stage with a sequence": rf"^  (?!any)({NAME}):\n    - ",
    "stage in a condition": r'stage [=!]= "([^"]+)"',
    "stage in a list": r'stage in \["([^"]+)"',
    "target of a goto": rf"goto: ({NAME})",
    "segment": r'in_segment\("([^"]+)"',
    "kind of event": r'did\("([^"]+)"',
    "asset of an event": r'(?:clicked|replied|attended|requested|downloaded|received|visited)\("([^"]+)"',
    "function": r"\b(clicked|replied|attended|requested|did|in_segment|tag)\(",
    "field in a condition": r"(?:if|when): (role|country|employees) ",
    "field that is set": r"set:\n\s+(topic):",
}
IN_TEMPLATES = {
    "stage of an asset": rf"^stages: \[({NAME})",
    "channel of an asset": rf"^channel: ({NAME})",
    "asset of which it is a variant": rf"^variant_of: ({NAME})",
    "field of the contact": r"\{\{ contact\.([a-z_]+)",
    "part of the asset": r"\{\{ asset\.([a-z_]+)",
    "part of the sender": r"\{\{ sender\.([a-z_]+)",
    "plain name": r"\{\{ (unsubscribe_url|today|preheader|body|permission_reminder|language)\b",
    "record": r"\{\{ (contact|asset|sender|project)\.",
    "filter": r"\{\{[^}|]*\| ([a-z]+)",
}
IN_CONFIG = {
    "field of a segment": r"(employees) >= 200",
    "argument of a function": r"days_until\((renewal)\)",
    "consent in a list": r'consent in \["([^"]+)"',
    "stage of a way back": rf"- to: ({NAME})",
    "reason of a way back": rf"for: \[({NAME})",
    "campaign of a track": rf"then: ({NAME})[,}}]",
    "stage of a signal": rf"^    stage: ({NAME})$",
    "stage of Sales": rf"(?:accepted|won): ({NAME})",
    "channel of Sales": rf"^  channel: ({NAME})",
    "kind that has points": rf"(?:points|per_day): \{{({NAME})",
    "kind of an event in the funnel": r'did\("([^"]+)"',
    "stage of responses": r'stage="([^"]+)"',
    "stage in the funnel": r'stage (?:[!=]=|in) \[?"([^"]+)"',
    "grade": r'grade in \["([^"]+)"',
    "measure": r"\b(fit|interest|company_interest|grade) (?:>=|in) ",
    "call in the funnel": r"(?<!as )\b(did|responses|touches|burst|company_people|in_segment|days_until)\(",
}


# Of an asset, what campaigns and settings depend on; its text takes most of the time of `check`.
HEADER = re.compile(r"\A(---\n.*?^---\n).*", re.DOTALL | re.MULTILINE)
SHORT = r"\1Text.\n"

ORIGINALS = {name: path for name, path in example_files().items() if not name.endswith(".csv")}


def references(text: str, patterns: dict[str, str]) -> Iterator[tuple[str, int, int]]:
    """Every reference in a text: what it is, and where its name begins and ends."""
    for what, pattern in patterns.items():
        for hit in re.finditer(pattern, text, re.MULTILINE):
            yield what, *hit.span(1)


def together(text: str, patterns: dict[str, str]) -> Iterator[tuple[str, list[int]]]:
    """The places to misspell at once: all names of a sort that stand in lines of their own, then the others."""
    for what in patterns:
        rounds: list[dict[int, int]] = []  # places by their lines
        for _, start, _ in references(text, {what: patterns[what]}):
            line = text.count("\n", 0, start)
            free = next((places for places in rounds if line not in places), None)
            if free is None:
                rounds.append(free := {})
            free[line] = start
        yield from ((what, sorted(places.values())) for places in rounds)


def patterns_for(path: Path) -> dict[str, str]:
    if path.parent.name == "campaigns":
        return IN_CAMPAIGNS
    return IN_TEMPLATES if path.parent.name == "templates" else IN_CONFIG


def copy(folder: Path, *, only: str | None = None) -> Path:
    """A copy of the example project with short texts; with `only`, a template, of as much of it as that one needs."""
    shutil.copy(ROOT / "nurture.yml", folder)
    (folder / "templates").mkdir()
    if only is not None:  # the campaigns of tracks need assets of their own
        config = (folder / "nurture.yml").read_text()
        (folder / "nurture.yml").write_text(re.sub(rf"(?:, )?then: {NAME}(?=\}})|then: {NAME}, ", "", config))
    else:
        shutil.copytree(ROOT / "campaigns", folder / "campaigns")
    for name, path in ORIGINALS.items():
        needed = only is None or path.name.startswith("_") or path.name == only or path.stem == variant_of(only)
        if needed and name.startswith("templates/"):
            text = path.read_text()
            (folder / name).write_text(HEADER.sub(SHORT, text) if only is None else text)
    return folder


def variant_of(name: str) -> str | None:
    hit = re.search(r"^variant_of: (\S+)", ORIGINALS[f"templates/{name}"].read_text(), re.MULTILINE)
    return hit[1] if hit else None


def errors(project: Path) -> list[Diagnostic]:
    findings = check(load_project(project), at=A_TUESDAY_MORNING)
    return [finding for finding in findings if finding.severity == Severity.ERROR]


def test_the_example_project_has_nothing_wrong_but_notes() -> None:
    findings = check(load_project(ROOT), at=A_TUESDAY_MORNING)

    assert [finding for finding in findings if finding.severity != Severity.NOTE] == []


def test_the_example_project_has_references_of_every_sort() -> None:
    texts = {Path(name): path.read_text() for name, path in ORIGINALS.items()}
    found = {what for name, text in texts.items() for what, *_ in references(text, patterns_for(name))}

    assert found == IN_CAMPAIGNS.keys() | IN_TEMPLATES.keys() | IN_CONFIG.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ORIGINALS))
def test_a_misspelt_reference_is_found_where_it_stands(name: str, tmp_path: Path) -> None:
    file = Path(name)
    project = copy(tmp_path, only=file.name if file.parent.name == "templates" else None)
    sound = ORIGINALS[name].read_text()
    survived = []

    def unseen(places: list[int]) -> list[int]:
        """Of names that are misspelt at once, those of whose lines `check` says nothing."""
        text = sound
        for start in reversed(places):
            text = text[:start] + "zz" + text[start:]
        (project / name).write_text(text)
        found = {(one.span.file, one.span.line) for one in errors(project)}
        return [start for start in places if (name, sound.count("\n", 0, start) + 1) not in found]

    assert errors(project) == []
    for what, places in together(sound, patterns_for(file)):
        for start in unseen(places):  # one mistake may hide another, so each of these is made alone
            if unseen([start]):
                survived.append(f"{what} in line {sound.count(chr(10), 0, start) + 1}")

    assert survived == []
