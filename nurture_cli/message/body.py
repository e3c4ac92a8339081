"""A body or partial as it is written, made into the template of its HTML part or of its text part, once."""

from __future__ import annotations

import re
from html import escape

from nurture_cli.campaign.model import BodyFormat
from nurture_cli.message.markdown import to_html
from nurture_cli.message.pictures import has_pictures, with_fitting_pictures
from nurture_cli.message.piece import Piece
from nurture_cli.message.plain import to_text
from nurture_cli.message.protect import Protected

_WHOLE = re.compile(r"\s*(?:<!doctype\b|<html\b|\{%-?\s*extends\b)", re.IGNORECASE)


def rendition(piece: Piece, written: BodyFormat, *, html: bool) -> Piece:
    """The template of the HTML part, or of the text part; raises RenderError when it cannot be read."""
    match written, html:
        case BodyFormat.TEXT, False:
            return piece
        case BodyFormat.HTML, True:
            if not has_pictures(piece.text):
                return piece
            protected = Protected(piece)
            return protected.restored(with_fitting_pictures(protected.text))
        case BodyFormat.MARKDOWN, True:
            protected = Protected(piece)
            return protected.restored(with_fitting_pictures(to_html(protected)))
        case BodyFormat.MARKDOWN, False:
            protected = Protected(piece)
            return protected.restored(to_text(to_html(protected), protected))
        case BodyFormat.HTML, False:
            protected = Protected(piece)
            return protected.restored(to_text(protected.text, protected))
        case _:
            protected = Protected(piece)
            return protected.restored(escape(protected.text, quote=False).replace("\n", "<br>\n"))


def is_whole_page(text: str) -> bool:
    """Whether HTML brings its own page around the body, so that no layout is put around it."""
    return _WHOLE.match(text) is not None
