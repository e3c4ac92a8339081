"""How interest fades, as SQL and as a plain number: nothing else knows the formula.

Interest is the sum of p * 2^((t - now) / half-life) over the responses that count: it only grows by events, and fades
by itself. So it is kept as one number that never has to be touched while time passes (forward decay; Cormode,
Shkapenyuk, Srivastava, Xu: Forward Decay, ICDE 2009): `heat`, the binary logarithm of the sum of
p * 2^((t - EPOCH) / half-life). The interest at an instant is 2^(heat - (instant - EPOCH) / half-life). The logarithm,
because the sum itself would leave the range of doubles within years when the half-life is short.

A half-life is in seconds; in SQL it is a bound real number, or the integers would be divided as such.
"""

from __future__ import annotations

from math import floor

EPOCH = 1_577_836_800  # 2020-01-01
COLD = -1e9  # the heat of a contact who never responded: an interest of 0 at any instant


def interest_of(heat: float, at: int, half_life: int) -> int:
    """The interest that a heat comes to at an instant, as it is shown and compared."""
    return whole(2.0 ** (heat - (at - EPOCH) / half_life))


def interest_sql(heat: str, at: str, half_life: str) -> str:
    """The interest that a heat comes to at an instant, not yet rounded."""
    return f"pow(2.0, {heat} - ({at} - {EPOCH}) / {half_life})"


def crossing_sql(heat: str, limit: str, half_life: str) -> str:
    """The instant at which interest, as a whole number, gets below a whole `limit`; NULL for one that it never does."""
    return f"({EPOCH} + CAST(floor({half_life} * ({heat} - log2(nullif(max({limit} - 0.5, 0), 0)))) AS INTEGER))"


def part_sql(response: str, at: str, half_life: str) -> str:
    """How much of the points of a response (a row with its instant `at`) is left at an instant."""
    return f"pow(2.0, ({response}.at - {at}) / {half_life})"


def heat_sql(total: str, at: str, half_life: str) -> str:
    """The heat that an interest of `total` at an instant comes to."""
    return f"iif({total} > 0, log2({total}) + ({at} - {EPOCH}) / {half_life}, {COLD})"


def whole(interest: float) -> int:
    """Interest as a whole number; unrounded, 5 points would be less than 5 a minute later."""
    return floor(interest + 0.5)


def whole_sql(interest: str) -> str:
    """SQL for `whole`."""
    return f"CAST(round({interest}) AS INTEGER)"
