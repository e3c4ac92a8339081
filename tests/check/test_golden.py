"""Broken projects and what is said of them: `golden/<rule>/<case>.yml` and `.txt`; `silent/` holds sound ones.

`pytest --update` writes the texts anew; read the difference before you keep it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture_cli.check import RULES, check
from nurture_cli.cli.caret import SourceLines, text
from nurture_cli.project import load_project
from tests.check.fragments import build
from tests.check.test_rules import NOT_WRITTEN_OUT

HERE = Path(__file__).parent
CASES = sorted((HERE / "golden").glob("*/*.yml"))
SILENT = sorted((HERE / "silent").glob("*.yml"))
A_TUESDAY_MORNING = 1772528400


def said_of(root: Path) -> str:
    project = load_project(root)
    source = SourceLines(project.sources)
    findings = check(project, at=A_TUESDAY_MORNING)
    return "\n".join(text(finding, source, prefix="", colour=False) + "\n" for finding in findings)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_a_broken_project_is_told_what_the_golden_file_says(case: Path, tmp_path: Path, update: bool) -> None:
    said = said_of(build(tmp_path, case.read_text()))
    golden = case.with_suffix(".txt")
    if update:
        golden.write_text(said)

    assert said == golden.read_text()
    assert f"[{case.parent.name}]" in said


@pytest.mark.parametrize("case", SILENT, ids=lambda case: case.stem)
def test_a_sound_project_is_told_nothing(case: Path, tmp_path: Path) -> None:
    assert said_of(build(tmp_path, case.read_text())) == ""


def test_the_base_of_all_these_projects_is_sound(tmp_path: Path) -> None:
    assert said_of(build(tmp_path)) == ""


def test_every_rule_has_a_golden_case() -> None:
    assert {case.parent.name for case in CASES} >= {rule.id for rule in RULES} - NOT_WRITTEN_OUT
