"""Broken files, one folder a rule, and what is said about them. `pytest --update` rewrites what is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture_cli.campaign.rule_pages import NOTES, RULES
from tests.campaign.project_maker import make_project, written

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path for path in GOLDEN.glob("*/*") if path.suffix in (".yml", ".md"))

# What takes bytes, links or folders to go wrong is tried in tests/test_project.py.
BY_HAND = {"bad-variant", "ignored-file", "not-a-file", "not-utf-8", "outside-folder", "same-name", "unreadable-file"}


def place_of(case: Path) -> str:
    if case.suffix == ".md":
        return f"templates/{case.name}"
    return "nurture.yml" if case.stem.startswith("nurture-") else f"campaigns/{case.name}"


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_broken_file_is_told_what_is_wrong_and_where(case: Path, tmp_path: Path, update: bool) -> None:
    project = make_project(tmp_path, {place_of(case): case.read_bytes()})
    assert case.parent.name in {found.rule for found in project.diagnostics}
    said = "\n".join(written(found, project.sources) for found in project.diagnostics) + "\n"
    expected = case.with_suffix(case.suffix + ".txt")
    if update:
        expected.write_text(said, "utf-8")
    assert said == expected.read_text("utf-8")


def test_every_rule_has_its_broken_files_and_every_broken_file_its_rule() -> None:
    tried = {case.parent.name for case in CASES} | BY_HAND
    assert tried == set(RULES)
    assert set(RULES) >= NOTES


def test_the_page_of_a_rule_begins_with_a_sentence() -> None:
    for page in RULES.values():
        first, _, rest = page.partition("\n")
        assert first.endswith(".")
        assert len(first) <= 100
        assert rest.strip()
