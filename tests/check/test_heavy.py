"""Whatever a file can hold is answered soon, with findings and never with an error of Python."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from nurture_cli.check import check
from tests.campaign.project_maker import make_project
from tests.check.heavy import BODIES, CASES

# Once these took many times as long: work grew with the square of what is in the file.
GREW = (
    "sends_of_one_asset", "sends_with_ids", "exits", "stage_steps", "branches", "splits", "streams", "gotos_round",
    "nested_branches", "segments_used_in_a_campaign", "branch_arms_of_lists",
)  # fmt: skip
REFUSED = (
    "segments_chained",
    "segments_in_a_circle",
    "moved_chain",
    "stages_many",
    "sends_of_one_asset",
    "branch_arms",
)


@pytest.mark.parametrize("name", GREW)
def test_as_much_as_a_list_can_hold_is_checked_soon(name: str, tmp_path: Path) -> None:
    project = make_project(tmp_path, CASES[name](25_000))
    began = time.process_time()

    found = check(project)

    assert found
    assert time.process_time() - began < 1.5


@pytest.mark.parametrize("name", REFUSED)
def test_more_than_a_list_can_hold_is_refused_soon(name: str, tmp_path: Path) -> None:
    files = CASES[name](200_000)
    began = time.process_time()

    project = make_project(tmp_path, files)

    assert "too-large" in {one.rule for one in check(project)}
    assert time.process_time() - began < 3


def test_every_part_of_the_language_is_read_in_any_number(tmp_path: Path) -> None:
    for name, make in CASES.items():
        if not name.startswith(("markdown_", "html_")):
            assert isinstance(check(make_project(tmp_path / name, make(1_500))), tuple)


@pytest.mark.parametrize("ending", ["md", "html", "txt"])
def test_letters_without_end_are_read_in_any_body(ending: str, tmp_path: Path) -> None:
    head = "---\ntitle: x\nsubject: Hello\n---\n"
    files = {f"templates/{name.replace('_', '-')}.{ending}": head + text * 500 for name, text in BODIES.items()}
    began = time.process_time()

    assert check(make_project(tmp_path, files))
    assert time.process_time() - began < 10


def test_names_that_all_differ_are_read_as_one_text(tmp_path: Path) -> None:
    files = CASES["names_all_different"](300_000)
    began = time.process_time()

    assert "template-syntax" in {one.rule for one in check(make_project(tmp_path, files))}
    assert time.process_time() - began < 3
