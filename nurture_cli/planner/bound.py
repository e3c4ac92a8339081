"""What every statement of a plan is written with: bound values, and terms that must be written word for word."""

from __future__ import annotations

# The terms of the partial indexes, word for word, so that SQLite may use them.
COUNTED_STATES = "counted = 1"

# Of a contact `c`.
SUPPRESSED = "EXISTS (SELECT 1 FROM main.suppression s WHERE s.address_hash = c.address_hash AND s.lifted_at IS NULL)"
MAY_BE_WRITTEN_TO = (
    "c.consent IN ('express', 'implied') AND c.consent_basis IS NOT NULL AND c.consent_source IS NOT NULL"
    " AND (c.consent_until IS NULL OR c.consent_until > :now)"
)


class Parameters(dict[str, str | int | float | bytes | None]):
    """Bound values of one statement, named v1, v2, … as they come."""

    def bind(self, value: str | int | float | bytes | None) -> str:
        """Add a value; returns its placeholder."""
        name = f"v{len(self) + 1}"
        self[name] = value
        return f":{name}"
