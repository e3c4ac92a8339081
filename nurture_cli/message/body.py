"""A body or partial as it is written, converted once into the template of its HTML part or of its text part."""

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
    if written is (BodyFormat.HTML if html else BodyFormat.TEXT) and not (html and has_pictures(piece.text)):
        return piece
    protected = Protected(piece)
    match written:
        case BodyFormat.TEXT:
            made = escape(protected.text, quote=False).replace("\n", "<br>\n")
        case BodyFormat.HTML:
            made = with_fitting_pictures(protected.text) if html else to_text(protected.text, protected)
        case BodyFormat.MARKDOWN:
            page = to_html(protected)
            made = with_fitting_pictures(page) if html else to_text(page, protected)
    return protected.restored(made)


def is_whole_page(text: str) -> bool:
    """Whether HTML has its own page around the body, so that it needs no layout."""
    return _WHOLE.match(text) is not None
