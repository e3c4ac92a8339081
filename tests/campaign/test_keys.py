"""Whatever the files may say is read: no declared key is taken and forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nurture_cli.campaign.config import parse_config
from nurture_cli.campaign.keys.blocks import Block, Values
from nurture_cli.campaign.keys.schema import BLOCKS
from nurture_cli.project import load_project
from tests.campaign.project_maker import CONFIG
from tests.campaign.test_parse import HEAD, WHOLE, parsed

EXAMPLE = Path(__file__).resolve().parents[2]
CHANNELS = """
channels:
  post: {type: smtp, host: relay.example.com, user: anna, password_env: POST}
  hook: {type: webhook, url: "https://crm.example.com/"}
  list: {type: task}
"""
HANDOFF = f"{HEAD}stages:\n  decision:\n    - handoff: sales\n"
# What tells that the block is to be read, and does not say more: the type of a channel, `handoff: sales`.
FOUND_BEFORE = {"type", "handoff"}
BY_KEYS = [block for blocks in BLOCKS.values() for block in blocks]


@pytest.fixture(scope="module")
def read() -> set[tuple[frozenset[str], str]]:
    """The keys of a block, and one of them that was asked for, as files are read that have every block in them."""
    taken = set()
    take = Values.__getitem__

    def noted(self: Values, key: str) -> Any:
        taken.add((frozenset(self._values), key))
        return take(self, key)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Values, "__getitem__", noted)
        load_project(EXAMPLE)
        parsed(WHOLE)
        parsed(HANDOFF)
        parse_config((CONFIG + CHANNELS).encode(), "nurture.yml", ())
    return taken


@pytest.mark.parametrize("block", BY_KEYS, ids=lambda block: block.title)
def test_every_declared_key_is_read(block: Block, read: set[tuple[frozenset[str], str]]) -> None:
    keys = frozenset(block.by_name)
    asked = {key for among, key in read if among == keys}

    assert keys - asked <= FOUND_BEFORE, "declared in campaign/keys/, and nobody reads it"
