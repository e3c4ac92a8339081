"""The links that are written in a body, a layout or a partial."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from nurture_cli.campaign.model import BodyFormat
from nurture_cli.message.links import IN_PICTURES, SCHEMES, trouble
from nurture_cli.message.prose import without_markdown_code

_VALUE = r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s>"']+))"""
_ATTRIBUTE = re.compile(rf"(?<![\w-])(?P<name>href|src|action|background)\s*=\s*{_VALUE}", re.IGNORECASE)
_VARIABLE = r"\{\{[^{}]{0,200}\}\}"
_TARGET = rf"(?:<(?P<angled>[^<>\n]*)>|(?P<plain>(?:{_VARIABLE}|[^\s()<>]|\([^\s()]*\))*))"
_INLINE = re.compile(r"(?P<picture>!?)\[(?:[^\]\\]|\\.){0,1000}\]\(\s*" + _TARGET)
_REFERENCE = re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]*" + _TARGET, re.MULTILINE)
_AUTOMATIC = re.compile(r"<(?P<plain>[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>")
_IN_TEXT = re.compile(rf"(?P<plain>https?:(?:{_VARIABLE}|[^\s<>\"])*(?:{_VARIABLE}|[^\s<>\".,;:!?)\]'*_]))")
# Each pattern with what every hit has in it: most bodies have no raw HTML and no references.
_PATTERNS = {
    BodyFormat.MARKDOWN: (("](", _INLINE), ("]:", _REFERENCE), ("<", _AUTOMATIC), ("=", _ATTRIBUTE)),
    BodyFormat.HTML: (("=", _ATTRIBUTE),),
    BodyFormat.TEXT: ((":", _IN_TEXT),),
}


def bad_links(body: str, form: BodyFormat) -> Iterator[tuple[str, int, int]]:
    """What is wrong with each unfit link of a template, as a sentence, and where the link begins and ends."""
    if form is BodyFormat.MARKDOWN:
        body = without_markdown_code(body)
    for mark, pattern in _PATTERNS[form]:
        for hit in pattern.finditer(body) if mark in body else ():
            groups = hit.groupdict()
            part = next(
                part for part in ("angled", "plain", "double", "single", "bare") if groups.get(part) is not None
            )
            picture = bool(groups.get("picture")) or (groups.get("name") or "").lower() in ("src", "background")
            wrong = _trouble(groups[part], IN_PICTURES if picture else SCHEMES)
            if wrong is not None:
                yield wrong, *hit.span(part)


def _trouble(link: str, schemes: frozenset[str]) -> str | None:
    """What is wrong with a link as it is written, not as variables and branches will make it."""
    target = unescape(link).strip()
    if target.startswith("{{") or "{%" in target:
        return None
    return trouble(re.sub(_VARIABLE, "x", target), schemes)
