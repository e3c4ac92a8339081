"""Each asset has one verdict. The campaign of a test is its docstring."""

from __future__ import annotations

from nurture_cli.reasons import Verdict
from tests.planner.nursery import Nursery


def by_asset(nursery: Nursery, name: str) -> dict[str, str]:
    return {one.asset: str(one.verdict) for one in nursery.explain(name).assets}


def test_every_asset_has_exactly_one_verdict(nursery: Nursery) -> None:
    """From received to out of reach.

    stages:
      any:
        - send: a
        - wait: 2 days
        - send: b
        - wait_for: clicked("b")
          within: 3 days
          then: [{send: c}]
          else: [{send: d}]
      middle: [{send: e}]
    """
    nursery.write_asset("f", expires="2026-03-01")
    nursery.write_asset("g")
    nursery.contact("ann")
    before = by_asset(nursery, "ann")
    nursery.did("ann")
    due = by_asset(nursery, "ann")
    nursery.days(3)
    after = nursery.explain("ann")

    assert before == dict.fromkeys("abcde", "not-entered") | {"f": "expired", "g": "unused"}
    assert due == {"a": "due"} | dict.fromkeys("bcd", "ahead") | {"e": "other-way", "f": "expired", "g": "unused"}
    assert {one.asset: one.verdict for one in after.assets} == {
        "a": Verdict.RECEIVED, "b": Verdict.RECEIVED, "c": Verdict.AHEAD, "d": Verdict.AHEAD, "e": Verdict.OTHER_WAY,
        "f": Verdict.EXPIRED, "g": Verdict.UNUSED,
    }  # fmt: skip
