"""Layouts and partials: the files in templates/ whose names begin with `_`, and the layouts that are there anyway."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from nurture_cli.campaign.model import BodyFormat
from nurture_cli.message.piece import Piece

FOLDER = "templates/"
MARK = "_"
HTML_LAYOUT = "_layout.html"
TEXT_LAYOUT = "_layout.txt"

_BUILT_IN_HTML = """\
<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ subject }}</title>
</head>
<body style="margin:0;padding:0">
{% if preheader %}<div style="display:none;max-height:0;overflow:hidden" aria-hidden="true">{{ preheader }}</div>
{% endif %}<div style="max-width:36em;margin:0 auto;padding:1.5em;font:16px/1.6 Helvetica,Arial,sans-serif">
{{ body }}
<hr style="border:0;border-top:1px solid #ccc;margin:2em 0 1em">
<p style="font-size:13px">{{ sender.name }}<br>
{{ sender.postal_address | nl2br }}<br>
<a href="{{ unsubscribe_url }}">Unsubscribe</a></p>
</div>
</body>
</html>
"""

_BUILT_IN_TEXT = """\
{{ body }}

--\x20
{{ sender.name }}
{{ sender.postal_address }}

Unsubscribe: {{ unsubscribe_url }}
"""

BUILT_IN: Mapping[str, Piece] = {
    HTML_LAYOUT: Piece("(the built-in HTML layout)", _BUILT_IN_HTML),
    TEXT_LAYOUT: Piece("(the built-in text layout)", _BUILT_IN_TEXT),
}


def partials(sources: Mapping[str, str]) -> dict[str, Piece]:
    """Every layout and partial among a project's files, by file name."""
    return {
        file.removeprefix(FOLDER): Piece(file, text)
        for file, text in sources.items()
        if file.startswith(FOLDER) and written_in(file.removeprefix(FOLDER)) is not None
    }


def written_in(name: str) -> BodyFormat | None:
    """In what a layout or partial of this name is written; None when it can be none."""
    suffix = PurePosixPath(name).suffix.removeprefix(".")
    is_one = name.startswith(MARK) and "/" not in name and suffix in tuple(BodyFormat)
    return BodyFormat(suffix) if is_one else None
