"""Named values of contacts and events, as they are stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def dump_fields(fields: Mapping[str, Any]) -> str:
    """Named values as compact JSON, the same text for the same values."""
    return json.dumps(dict(sorted(fields.items())), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
