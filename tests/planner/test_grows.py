"""Which conditions can only become true by more having happened: of those, a rule reads its past for few contacts."""

from __future__ import annotations

import pytest

from nurture_cli.campaign.config import names_of
from nurture_cli.language.condition import parse_where
from nurture_cli.planner.compile import grows
from tests.planner.nursery import Nursery


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('clicked("a")', True),
        ('did("visited", times=3) and received("a")', True),
        ('tag("hot") or did("visited", within="3 days")', True),
        ('not tag("hot") and clicked("a")', True),  # what is denied is not about what happened
        ('not clicked("a")', False),
        ('tag("hot") and not did("visited")', False),
        ('days_since("visited") != 3', False),  # nothing since then counts as different
        ('days_since("visited") is None', False),
    ],
)
def test_a_condition_grows_when_no_event_can_make_it_false(nursery: Nursery, text: str, answer: bool) -> None:
    """stages: {any: [{send: a}]}"""
    config = nursery.project.config
    assert config is not None
    assert grows(parse_where(text, names_of(config, nursery.project.assets)).body) is answer
