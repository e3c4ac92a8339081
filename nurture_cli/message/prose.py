"""The prose in a template text: code and comments are blanked out, and every character keeps its place."""

from __future__ import annotations

import re

from nurture_cli.campaign.model import BodyFormat

# Code shows examples: a link in it is not a link, and a placeholder in it is not a placeholder.
_IN_MARKDOWN = re.compile(
    r"^ {0,3}(?P<fence>```+|~~~+).*?(?:^ {0,3}(?P=fence)|\Z)|(?<!`)(?P<ticks>`+)(?!`)[^`]+(?P=ticks)", re.M | re.S
)
_IN_HTML = re.compile(r"<(?P<name>code|pre|kbd|samp)\b[^<>]*>.*?(?:</(?P=name)\s*>|\Z)", re.IGNORECASE | re.DOTALL)
# Comments for Outlook are text that people read.
_COMMENTS = re.compile(r"<!--(?!\[if\b|<!\[endif).*?(?:-->|\Z)|\{#.*?(?:#\}|\Z)", re.IGNORECASE | re.DOTALL)
_STYLES = re.compile(r"<(?P<name>style|script)\b.*?(?:</(?P=name)\s*>|\Z)", re.IGNORECASE | re.DOTALL)


def without_markdown_code(text: str) -> str:
    """The text without fenced code and without code between backticks."""
    return _IN_MARKDOWN.sub(blank, text) if "`" in text or "~~~" in text else text


def without_code(text: str, form: BodyFormat | None) -> str:
    """The text of a body, layout or partial without code and comments; of a subject (None) without comments."""
    if form is BodyFormat.MARKDOWN:
        text = without_markdown_code(text)
    if "<" in text and form in (BodyFormat.MARKDOWN, BodyFormat.HTML):
        text = _IN_HTML.sub(blank, text)
    return _COMMENTS.sub(blank, text) if "<!--" in text or "{#" in text else text


def prose(text: str, form: BodyFormat | None) -> str:
    """The text without code, comments, styles and scripts."""
    text = without_code(text, form)
    return _STYLES.sub(blank, text) if "<" in text and form is not BodyFormat.TEXT else text


def blank(hit: re.Match[str]) -> str:
    """As many blanks as the hit has characters; its lines stay lines."""
    return re.sub(r"[^\n]", " ", hit[0])
