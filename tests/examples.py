"""How much the tests try that try many things: enough for every day, or with `thorough` ten times as much."""

from __future__ import annotations

from hypothesis import settings


def examples(share: int) -> int:
    """So many per cent of what the chosen profile tries: more where a try is cheap, less where it is dear."""
    return max(1, settings().max_examples * share // 100)
