"""How to write something, for the advice below a finding."""

from __future__ import annotations

import json


def tag_call(tag: str, negated: bool = False) -> str:
    """The condition that asks for a tag, as it is written."""
    return f"{'not ' if negated else ''}tag({json.dumps(tag, ensure_ascii=False)})"
