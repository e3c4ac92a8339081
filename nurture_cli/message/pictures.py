"""Pictures that fit the screen: mail programs that ignore <style> need a style at each of them."""

from __future__ import annotations

import re

NARROW = 320  # pixels: a picture of this width fits every screen

_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s"'>]+)"""
_PICTURE = re.compile(rf"""<img\b(?:[^>"']|{_VALUE})*>""", re.IGNORECASE)
_STYLE = re.compile(rf"\sstyle\s*=\s*({_VALUE})", re.IGNORECASE)
_ATTRIBUTE = re.compile(rf"\s(width|height)\s*=\s*{_VALUE}", re.IGNORECASE)
_PROPERTY = re.compile(r"(?:^|;)\s*(width|height|max-width)\s*:\s*([^;]*)", re.IGNORECASE)


def has_pictures(html: str) -> bool:
    """Whether the HTML has a picture."""
    return _PICTURE.search(html) is not None


def with_fitting_pictures(html: str) -> str:
    """The HTML with each picture no wider than what is around it, and its height in proportion.

    A picture with only a height keeps it, and a `max-width` in pixels that fits every screen stays.
    """
    return _PICTURE.sub(_fitted, html)


def _fitted(picture: re.Match[str]) -> str:
    tag = picture[0]
    style = _STYLE.search(tag)
    own = style[1].strip("\"'").strip().rstrip(";") if style else ""
    given = {name.lower(): value.strip() for name, value in _PROPERTY.findall(own)}
    sizes = {name.lower() for name in _ATTRIBUTE.findall(tag)} | set(given)
    added = [] if _is_narrow(given.get("max-width", "")) else ["max-width:100%"]
    if "height" not in sizes or "width" in sizes:
        added.append("height:auto")
    whole = ";".join((own, *added) if own else added)
    if style is None:
        return f'{tag[:4]} style="{whole}"{tag[4:]}' if added else tag
    quote = "'" if '"' in own else '"'
    return f"{tag[: style.start(1)]}{quote}{whole}{quote}{tag[style.end(1) :]}"


def _is_narrow(width: str) -> bool:
    pixels = re.fullmatch(r"(\d{1,5})px", width)
    return pixels is not None and int(pixels[1]) <= NARROW
