"""Chance is a stable hash: the same contact draws the same arm, in every run and in every installation."""

from __future__ import annotations

from hashlib import blake2b


def arm_of(step_name: str, weights: tuple[int, ...], email: str) -> int:
    """The arm (from 0) that an address draws in a split, as often as its weight says."""
    digest = blake2b(f"{step_name}\0{email.lower()}".encode(), digest_size=8).digest()
    point = int.from_bytes(digest, "big") % sum(weights)
    for arm, weight in enumerate(weights):
        point -= weight
        if point < 0:
            return arm
    raise AssertionError("weights are positive")
