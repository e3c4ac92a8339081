"""What every statement of a plan is written with: bound values, and terms that must be written word for word."""

from __future__ import annotations

# The terms of the partial indexes, word for word, so that SQLite may use them.
COUNTED_STATES = "counted = 1"


class Parameters(dict[str, str | int | float | bytes | None]):
    """Bound values of one statement, named v1, v2, … as they come."""

    def bind(self, value: str | int | float | bytes | None) -> str:
        """Add a value; returns its placeholder."""
        name = f"v{len(self) + 1}"
        self[name] = value
        return f":{name}"
