"""The guides are played: what they tell you to type is typed, what they show is what is printed.

Each guide is played from its top, in a folder of its own, by a reader who does everything that it says; `reader.py`
names the orders of blocks. `pytest --update` writes what is printed anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.pages import PAGES, ROOT, blocks_of, differences, write_anew
from tests.reader import Reader, play

GUIDES = [
    page for page in PAGES if page.name != "templates.md" and any(b.order.startswith("run") for b in blocks_of(page))
]


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_a_guide_tells_what_happens(reader: Reader, page: Path, update: bool) -> None:
    made = play(reader, page)

    if update:
        write_anew(made)
    else:
        assert differences(made) == {}


def test_the_workflow_for_ci_types_what_its_page_types() -> None:
    page = ROOT / "docs" / "ci.md"
    (workflow,) = (yaml.safe_load(block.text) for block in blocks_of(page) if block.order.endswith("campaigns.yml"))
    typed = [set(command.split()) for block in blocks_of(page) for command in block.commands()]

    steps = [step["run"] for step in workflow["jobs"]["campaigns"]["steps"] if "run" in step]

    assert steps
    for step in steps:
        assert any(set(step.split()) <= words for words in typed), step
