"""Numbers with their nouns: 1 contact, 2 contacts, 12,345 contacts."""

from __future__ import annotations


def how_many(count: int, one: str, several: str | None = None) -> str:
    """A count with its noun; `several` is the plural where an s does not make it: `how_many(2, "reply", "replies")`."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"
