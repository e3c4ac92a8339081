"""The links of a finished message: none may lead nowhere, none may do harm."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

SCHEMES = frozenset(("https", "http", "mailto", "tel"))
IN_PICTURES = frozenset(("https", "http"))

# What contacts wrote is escaped, so a quotation mark after the name of an attribute is never theirs: what links there
# are is decided by templates alone. Almost all of these are written `href="…"`, and that is found ten times as fast.
_VALUE = r"""(?:"([^"]*)"|'([^']*)')"""
_USUAL = re.compile(
    rf"""=(?:(?:(?<=[\s"'/]href=)|(?<=[\s"'/]action=)){_VALUE}|(?:(?<=[\s"'/]src=)|(?<=[\s"'/]background=)){_VALUE})""",
    re.IGNORECASE,
)
_UNUSUAL = re.compile(
    r"""<[a-z][^<>]*?[\s"'/](href|src|action|background)(?:\s+=\s*|=\s+|=(?=[^\s"'>]))(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""",
    re.IGNORECASE,
)
_IN_TEXT = re.compile(r"https?:[^\s<>\"]+", re.IGNORECASE)
_ENDS_SENTENCE = ".,;:!?)]'*_"

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_WEB = re.compile(
    r"https?://(?P<user>[^/?#]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]<>\"'`\\{}|^%]+)(?::\d{1,5})?(?=[/?#]|$)",
    re.IGNORECASE,
)
_UNFIT = re.compile(r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u2069\u3000\ufeff\\<>\"]")


def trouble(link: str, schemes: frozenset[str] = SCHEMES) -> str | None:
    """What is wrong with a link, as a sentence; None when nothing is."""
    target = link.strip(" \t\r\n\f")
    if target in ("", "#"):
        return "A link leads nowhere."
    if _UNFIT.search(target):
        return "A link has a space or another unfit character in it; a variable inside a link needs `| urlencode`."
    scheme = _SCHEME.match(target)
    if scheme is None:
        if target.startswith("#"):
            return None
        if target.startswith("//"):
            return "A link has no protocol, such as https."
        return "A link is relative, but a mail is not on a web site."
    name = scheme[1].lower()
    if name not in schemes:
        return f"A link that begins with `{name[:20]}:` is dangerous or useless in a mail."
    if name in ("mailto", "tel"):
        return None if target[scheme.end() :] else "A link leads nowhere."
    web = _WEB.match(target)
    if web is None:
        return "A link has no host: it must begin with `https://` and a name."
    if web["user"] is not None:
        return "A link carries a user name or password; mail programs warn about such links."
    return None


def trouble_in_html(html: str, *, unusual: bool) -> str | None:
    """What is wrong with the first unfit link of rendered HTML; None when all are fit.

    With `unusual`, attributes that are not written `href="…"` are looked at, too: see `has_unusual_links`.
    """
    for link, also_link, picture, also_picture in _USUAL.findall(html):
        in_picture = bool(picture or also_picture)
        wrong = _trouble_of_attribute(link or also_link or picture or also_picture, in_picture)
        if wrong is not None:
            return wrong
    for name, double, single, bare in _UNUSUAL.findall(html) if unusual else ():
        wrong = _trouble_of_attribute(double or single or bare, name.lower() in ("src", "background"))
        if wrong is not None:
            return wrong
    return None


def has_unusual_links(template: str) -> bool:
    """Whether the text of a template has attributes such as `href = x`."""
    return _UNUSUAL.search(template) is not None


def trouble_in_text(text: str) -> str | None:
    """What is wrong with the first unfit web address in plain text; None when all are fit."""
    for address in _IN_TEXT.findall(text):
        wrong = trouble(address.rstrip(_ENDS_SENTENCE))
        if wrong is not None:
            return wrong
    return None


@lru_cache(maxsize=4096)
def _trouble_of_attribute(value: str, in_picture: bool) -> str | None:
    return trouble(unescape(value), IN_PICTURES if in_picture else SCHEMES)
