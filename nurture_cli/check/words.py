"""The text of a template as far as it is written down: what is left when the variables are taken out."""

from __future__ import annotations

import re

_JINJA = re.compile(r"\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)|\{#.*?(?:#\}|\Z)", re.DOTALL)


def written(template: str) -> str:
    """The characters that every message contains, whatever the variables become."""
    return _JINJA.sub("", template).strip()
