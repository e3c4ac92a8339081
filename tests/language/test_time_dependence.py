"""What time alone does to a condition."""

from __future__ import annotations

import pytest

from nurture_cli.language.condition import parse_condition
from nurture_cli.language.expression import Expression, Type
from nurture_cli.language.names import Names
from nurture_cli.language.time_dependence import becomes_true_by_time
from nurture_cli.text.diagnostic import Span

NAMES = Names(stages=("awareness", "decision"), fields={"renewal": Type.DATE, "employees": Type.NUMBER})

BY_TIME = [
    'days_since("clicked") > 90', 'days_since("clicked") == 90', "days_until(renewal) <= 60", "interest < 10",
    "not interest >= 10", 'grade == "A3"', 'grade in ["A2", "A3"]', 'grade != "B1"', 'touches("7 days") == 0',
    'responses(within="7 days") < 2', 'not did("clicked", within="7 days")', "company_interest <= 5",
    'not burst(times=3, within="7 days", after="60 days")', '10 > interest', 'grade not in ["A1", "B1", "C1"]',
    'not company_people(within="7 days") > 2', "days_until(renewal) in [30]", "interest in [0]",
]  # fmt: skip
NOT_BY_TIME = [
    'days_since("clicked") < 90', "days_until(renewal) > 60", "interest >= 10", "not interest < 10", 'grade == "A1"',
    'grade in ["A1", "A2"]', 'grade in ["A1", "A2", "A3"]', 'touches("7 days") > 0', 'did("clicked", within="7 days")',
    'responses(within="7 days") >= 2', "responses() == 0", "touches() < 3", "fit < 20", "employees > 5",
    'burst(times=3, within="7 days", after="60 days")', 'grade not in ["A3", "B3", "C3"]', 'stage == "awareness"',
    "10 <= interest", 'furthest_stage == "decision"', 'not did("clicked")', "company_people() < 3",
]  # fmt: skip


def body(text: str) -> Expression:
    condition, found = parse_condition(text, Span("a.yml", 1, 1, 2), NAMES)
    assert condition is not None, found
    return condition.body


@pytest.mark.parametrize("text", BY_TIME)
def test_time_alone_fulfils_what_fades_grows_or_falls_out_of_a_window(text: str) -> None:
    assert becomes_true_by_time(body(text))


@pytest.mark.parametrize("text", NOT_BY_TIME)
def test_time_alone_does_not_fulfil_what_takes_an_act(text: str) -> None:
    assert not becomes_true_by_time(body(text))
