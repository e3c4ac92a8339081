"""The links of an asset's body, and what is wrong with a link in a mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from nurture_cli.campaign.diagnostic import Span
from nurture_cli.campaign.model import Asset, BodyFormat

SCHEMES = frozenset({"https", "http", "mailto", "tel"})
IN_PICTURES = frozenset({"https", "http", "cid"})

_VALUE = r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s>"']+))"""
_ATTRIBUTE = re.compile(rf"(?<![\w-])(?P<name>href|src|action|background)\s*=\s*{_VALUE}", re.IGNORECASE)
_VARIABLE = r"\{\{[^{}]{0,200}\}\}"
_TARGET = rf"(?:<(?P<angled>[^<>\n]*)>|(?P<plain>(?:{_VARIABLE}|[^\s()<>]|\([^\s()]*\))*))"
_INLINE = re.compile(r"(?P<picture>!?)\[(?:[^\]\\]|\\.){0,1000}\]\(\s*" + _TARGET)
_REFERENCE = re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]*" + _TARGET, re.MULTILINE)
_AUTOMATIC = re.compile(r"<(?P<plain>[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>")
_BARE = re.compile(r"(?P<plain>https?:[^\s<>\"')\]]+)")

# Code shows links and has none.
_CODE = re.compile(r"^ {0,3}(?P<fence>```+|~~~+).*?(?:^ {0,3}(?P=fence)|\Z)|(?P<ticks>`+)[^`]+(?P=ticks)", re.M | re.S)

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_HOST = re.compile(r"https?://(?P<host>[^/?#]+)", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028\u2029\ufeff]")


def links(asset: Asset) -> Iterator[tuple[str, Span, frozenset[str]]]:
    """Every link and picture address of the body as it is written, its place, and the schemes that it may have."""
    patterns = {
        BodyFormat.MARKDOWN: (_INLINE, _REFERENCE, _AUTOMATIC, _ATTRIBUTE),
        BodyFormat.HTML: (_ATTRIBUTE,),
        BodyFormat.TEXT: (_BARE,),
    }[asset.format]
    body = asset.body
    if (asset.format is BodyFormat.MARKDOWN and "`" in body) or "~~~" in body:
        body = _CODE.sub(lambda hit: re.sub(r"[^\n]", " ", hit[0]), body)
    for pattern in patterns:
        for hit in pattern.finditer(body):
            groups = hit.groupdict()
            for name in ("angled", "plain", "double", "single", "bare"):
                if groups.get(name) is not None:
                    picture = bool(groups.get("picture")) or (groups.get("name") or "").lower() in ("src", "background")
                    yield groups[name], _span(asset, *hit.span(name)), IN_PICTURES if picture else SCHEMES
                    break


def trouble(link: str, schemes: frozenset[str] = SCHEMES) -> str | None:
    """What is wrong with a link, as a sentence; None when nothing is. What a variable will be is not judged."""
    target = unescape(link)
    if target.lstrip().startswith("{{"):
        return None
    if not target.strip() or target.strip() == "#":
        return "This link leads nowhere."
    seen = _UNSEEN.sub("", target)  # mail programs drop what cannot be seen, and so do we before judging
    scheme = _SCHEME.match(seen)
    if scheme is None:
        if seen.startswith("#"):
            return None
        if seen.startswith(("//", "\\")) or "\\" in seen[:2]:
            return "This link does not say by which protocol it is opened."
        return "This link is relative, but a mail has no page to which it could be."
    name = scheme[1].lower()
    if name not in schemes:
        return f"A link that begins with `{name}:` is dangerous or useless in a mail."
    if name in ("http", "https"):
        return _web_trouble(re.sub(_VARIABLE, "x", seen))
    return None


def _web_trouble(address: str) -> str | None:
    host = _HOST.match(address)
    if host is None or "\\" in host["host"]:
        return "This link has no host: it should begin with `https://` and a name."
    if "@" in host["host"]:
        return "This link carries a user name or password; mail programs warn of such links."
    return None


def _span(asset: Asset, start: int, end: int) -> Span:
    begin = asset.body.rfind("\n", 0, start) + 1
    line = asset.body_line + asset.body.count("\n", 0, start)
    stop = asset.body.find("\n", start)
    last = end if stop == -1 else min(end, stop)
    return Span(asset.file, line, start - begin + 1, max(last, start + 1) - begin + 1)
