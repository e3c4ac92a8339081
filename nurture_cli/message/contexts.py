"""Where a variable may be in HTML: in text, and in an attribute's value between quotation marks; nowhere else.

Escaping makes these two places safe. In the name of a tag, in a value without quotation marks, in styles and in
scripts, what a contact wrote could still become markup.
"""

from __future__ import annotations

import re

from nurture_cli.message.failure import Flaw, RenderError
from nurture_cli.message.piece import Piece
from nurture_cli.message.protect import Protected
from nurture_cli.message.templates import Tag


def insist_on_safe_places(piece: Piece) -> None:
    """Raise RenderError, with its place, for a variable where HTML is not safe."""
    protected = Protected(piece)
    tag = _unsafe(protected)
    if tag is not None:
        raise RenderError(
            Flaw.TEMPLATE_ERROR,
            f"`{{{{{tag.inside}}}}}` is inside a tag, a style or a script, and not between quotation marks.",
            'In a tag, write it like this: href="{{ … }}".',
            place=piece.place(tag.line),
        )


def _unsafe(protected: Protected) -> Tag | None:
    variable = protected.variable.pattern
    sign = re.compile(
        rf"<!--.*?-->|<(?P<element>script|style)\b.*?(?:</(?P=element)\s*>|\Z)|<(?=[a-z/!?]|{variable})|[>\"']|{variable}",
        re.IGNORECASE | re.DOTALL,
    )
    in_tag, quote = False, ""
    for hit in sign.finditer(protected.text):
        found = hit[0]
        if hit["element"] is not None:
            inner = protected.variable.search(found)
            if inner is not None:
                return protected.tag(inner)
        elif found == "<":
            in_tag = in_tag or not quote
        elif not in_tag or found.startswith("<!--"):
            continue
        elif found in "\"'":
            quote = "" if quote == found else quote or found
        elif found == ">":
            in_tag = bool(quote)
        elif not quote and (inner := protected.variable.fullmatch(found)) is not None:
            return protected.tag(inner)
    return None
