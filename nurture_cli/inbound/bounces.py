"""Reads whether a bounce is for good: what the usual relays say becomes the property `bounce`, `hard` or `soft`.

Other systems name the property `bounce_type`, `bounceType`, `class`, `type` or `severity`, and its value `Permanent`.
That a hard bounce suppresses the address is decided elsewhere: for a contact by the trigger `suppressed_by_event` in
`store/schema/`, for an address without a contact by `suppressing` in `store/suppressions.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nurture_cli.inbound.column_names import plain_name

BOUNCED = "bounced"  # the kind of event
BOUNCE = "bounce"  # its property
HARD, SOFT = "hard", "soft"

_NAMES = frozenset(("bounce", "bounce_type", "bouncetype", "bounce_class", "bounceclass", "type", "class", "severity"))
_WORDS = {
    "hard": HARD, "hard_bounce": HARD, "hardbounce": HARD, "permanent": HARD, "permanent_failure": HARD,
    "soft": SOFT, "soft_bounce": SOFT, "softbounce": SOFT, "transient": SOFT, "temporary": SOFT,
    "temporary_failure": SOFT, "undetermined": SOFT,
}  # fmt: skip


def read_bounce(text: str) -> str | None:
    """`hard` or `soft`; None for a text that says neither."""
    return _WORDS.get(plain_name(text))


def with_bounce(properties: Mapping[str, Any], given: str | None = None) -> dict[str, Any]:
    """The properties of a bounce with `bounce: hard` or `bounce: soft` where they, or `given`, say so.

    Where they say both, it is soft: nobody would notice the suppression of a contact who can be reached.
    """
    all_of_them = dict(properties) if given is None else {**properties, BOUNCE: given}
    said = {
        word
        for name, value in all_of_them.items()
        if isinstance(value, str) and plain_name(name) in _NAMES and (word := read_bounce(value))
    }
    return all_of_them | {BOUNCE: SOFT if SOFT in said else HARD} if said else all_of_them
