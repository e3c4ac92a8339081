"""The parts of criteria as they are written, and what is seen of them."""

from __future__ import annotations

import pytest

from nurture_cli.campaign.config import names_of
from nurture_cli.language.condition import parse_where
from nurture_cli.planner.criteria import in_words, lacking, parts_of
from tests.planner.nursery import CONFIG, Nursery

STAGES = """
stages:
  - early
  - stage: late
    when: >-
      {when}
"""


def criteria(nursery: Nursery, when: str) -> list[tuple[str, str, bool]]:
    stages = STAGES.replace("{when}", when)
    nursery.write("nurture.yml", CONFIG.replace("stages: [early, middle, late, customer]", stages))
    (late,) = nursery.explain("ann").course.asked
    return [(one.needed, one.seen, one.met) for one in late.criteria]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('role == "buyer"', ['role == "buyer"']),
        ('role == "ä ü" and (tag("x") or beta)', ['role == "ä ü"', 'tag("x") or beta']),
        ('role == "a"\n  and not did("clicked")\nand employees >= 3', [
            'role == "a"', 'not did("clicked")', "employees >= 3",
        ]),
        ('role == "a and b" or tag("x") and beta', ['role == "a and b" or tag("x") and beta']),
        ('(role == "a" and beta) and tag("x")', ['role == "a" and beta', 'tag("x")']),
    ],
)  # fmt: skip
def test_the_parts_of_the_outermost_and_are_told_as_they_are_written(
    nursery: Nursery, text: str, parts: list[str]
) -> None:
    config = nursery.project.config
    assert config is not None

    found = parts_of(parse_where(text, names_of(config, ())))

    assert [" ".join(part.split()) for part, _ in found] == parts


def test_what_was_seen_is_told_in_words(nursery: Nursery) -> None:
    nursery.contact("ann", role="user", fields={"employees": 30, "beta": True})
    nursery.did("ann", "clicked", "a")

    told = criteria(
        nursery,
        'role == "buyer" and employees >= 50 and beta and renewal is None and clicked("a")'
        ' and not clicked("b") and (tag("x") or "us" in role) and days_since("clicked") <= 3 and country in ["DE"]',
    )

    assert told == [
        ('role == "buyer"', "user", False),
        ("employees >= 50", "30", False),
        ("beta", "yes", True),
        ("renewal is None", "missing", True),
        ('clicked("a")', "yes", True),
        ('not clicked("b")', 'did("clicked", "b") = no', True),
        ('tag("x") or "us" in role', 'tag("x") = no, role = user', True),
        ('days_since("clicked") <= 3', "0", True),
        ('country in ["DE"]', "missing", False),
    ]


def test_the_nearest_of_what_is_lacking_comes_first(nursery: Nursery) -> None:
    nursery.contact("ann", fields={"employees": 30})
    stages = STAGES.replace("{when}", 'tag("x") and 40 <= employees and touches() >= 2 and interest >= 5')
    nursery.write("nurture.yml", CONFIG.replace("stages: [early, middle, late, customer]", stages))
    (late,) = nursery.explain("ann").course.asked

    missing = lacking(late.criteria)

    assert [one.needed for one in missing] == ["40 <= employees", 'tag("x")', "touches() >= 2", "interest >= 5"]
    assert in_words(missing, 4) == "4 of 4, the nearest: 40 <= employees (seen: 30)"
    assert in_words(missing[:1], 4) == "40 <= employees (seen: 30)"
    assert in_words([], 4) == ""


def test_a_segment_is_one_part(nursery: Nursery) -> None:
    nursery.contact("ann", role="buyer")
    nursery.write("nurture.yml", CONFIG)

    stages = STAGES.replace("{when}", 'in_segment("ours") and beta')
    text = CONFIG.replace("stages: [early, middle, late, customer]", stages)
    nursery.write("nurture.yml", text + 'segments: {ours: role == "buyer" and employees >= 9}\n')
    (late,) = nursery.explain("ann").course.asked

    assert [(one.needed, one.seen, one.met) for one in late.criteria] == [
        ('in_segment("ours")', "role = buyer, employees = missing", False),
        ("beta", "missing", False),
    ]
