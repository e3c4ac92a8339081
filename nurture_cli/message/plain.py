"""HTML to plain text, once for all contacts: by then Jinja's tags are words, see `protect.py`.

Links read `text (https://…)`, lists keep their signs, quotations their `>`; invisible HTML is left out. The blank lines
before a paragraph are written with its first word, so that a paragraph that some contacts do not get leaves no hole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from nurture_cli.message.protect import Protected, ends, opens
from nurture_cli.message.wrapping import KEPT, unwrapped

_UNSEEN = frozenset(("head", "style", "script", "title", "template", "noscript", "object", "svg", "select", "textarea"))
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_PARAGRAPHS = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "dl", "figure"))
_LINES = frozenset(
    ("div", "section", "article", "header", "footer", "main", "nav", "aside", "address", "center", "form", "fieldset",
     "figcaption", "dt", "dd", "tr", "caption", "body", "html")
)  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_MANY_BREAKS = re.compile(r"\n{3,}")
_NOT_WRITTEN = {0xA0: " ", 0xAD: None, 0x34F: None, 0x200B: None, 0xFEFF: None}  # blanks and fillers of HTML mails
_RULE = "-" * 20
_SCHEME = re.compile(r"(?:https?://|mailto:|tel:)")


def to_text(html: str, protected: Protected | None = None) -> str:
    """The readable text of HTML, which still has the words for tags."""
    writer = _Writer(protected)
    writer.feed(html)
    writer.close()
    return writer.result()


def tidy(text: str) -> str:
    """Rendered text without more than one blank line in a row, and without any at its ends."""
    return _MANY_BREAKS.sub("\n\n", text).strip("\n")


@dataclass(slots=True)
class _Link:
    target: str
    words: list[str] = field(default_factory=list)  # what was written in it
    place: int = 0  # where in the output the last of them stands


@dataclass(slots=True)
class _List:
    number: int | None  # of the next item; None: bullets
    depth: int  # of the prefixes around it
    signs: list[int] = field(default_factory=list)  # where in the output its numbers stand


@dataclass(slots=True)
class _Way:
    """An open `if` or `for`: what was due before it, and the widest gap that any of its ways leaves."""

    gap: int
    blank: bool
    fresh: bool
    widest: int = 0
    always: bool = False  # a contact takes one of its ways in any case: it has an `else`


class _Writer(HTMLParser):
    def __init__(self, protected: Protected | None) -> None:
        super().__init__(convert_charrefs=True)
        self._protected = protected
        self._kept = KEPT if protected is not None else ""  # marks the lines of what is not read and done with at once
        self._out: list[str] = []
        self._begun = False
        self._fresh = True  # nothing was written yet, or a list sign just now: no gap is due
        self._gap = 0  # line breaks that are due before the next word
        self._between = ""  # the prefix of the blank lines of that gap
        self._blank = False  # a blank is due
        self._bar = False  # the next word begins another cell of its row
        self._prefixes: list[tuple[str, str]] = []  # (tag, what each of its lines begins with)
        self._links: list[_Link] = []
        self._lists: list[_List] = []
        self._cells: list[int] = []
        self._ways: list[_Way | None] = []
        self._unseen: list[str] = []
        self._held = ""  # breaks at the end of preformatted text

    def result(self) -> str:
        """Everything that was written."""
        return "".join(self._out).strip("\n")

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._unseen or tag in _UNSEEN or "hidden" in given or _HIDDEN.search(given.get("style") or ""):
            if tag not in _VOID:
                self._unseen.append(tag)
            return
        match tag:
            case "br":
                if not self._fresh:
                    self._due(min(self._gap + 1, 2))
            case "hr":
                self._due(2)
                self._write(_RULE)
                self._due(2)
            case "img":
                self._words(given.get("alt") or "")
            case "a":
                self._links.append(_Link((given.get("href") or "").strip()))
            case "ul" | "ol":
                self._due(1 if self._lists else 2)
                start = given.get("start") or "1"
                self._lists.append(_List(None if tag == "ul" else _number(start), len(self._prefixes)))
            case "li":
                self._item()
            case "blockquote":
                self._due(2)
                self._prefixes.append((tag, "> "))
            case "pre":
                self._due(2)
                self._prefixes.append((tag, "    "))
            case "table":
                self._due(1 if self._cells else 2)
                self._cells.append(0)
            case "td" | "th" if self._cells:
                self._bar = self._cells[-1] > 0 and not self._gap
                self._cells[-1] += 1
            case _:
                if tag == "tr" and self._cells:
                    self._cells[-1] = 0
                self._due(2 if tag in _PARAGRAPHS else 1 if tag in _LINES else 0)

    def handle_endtag(self, tag: str) -> None:
        if self._unseen:
            if tag in self._unseen:
                while self._unseen.pop() != tag:
                    pass
            return
        match tag:
            case "a" if self._links:
                self._link(self._links.pop())
            case "ul" | "ol" if self._lists:
                del self._prefixes[self._lists.pop().depth :]
                self._due(1 if self._lists else 2)
            case "li" | "blockquote" | "pre":
                self._end(tag)
                self._due(1 if tag == "li" else 2)
                self._held = ""
            case "table" if self._cells:
                self._cells.pop()
                self._due(1 if self._cells else 2)
            case _:
                self._due(2 if tag in _PARAGRAPHS else 1 if tag in _LINES else 0)

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if any(tag == "pre" for tag, _ in self._prefixes):
            self._verbatim(data)
            return
        end = 0
        if self._protected is not None:
            for hit in self._protected.statement.finditer(data):
                self._words(data[end : hit.start()])
                self._statement(hit)
                end = hit.end()
        self._words(data[end:])

    def _words(self, text: str) -> None:
        text = _BLANKS.sub(" ", text.translate(_NOT_WRITTEN))
        words = text.strip(" ")
        if text.startswith(" "):
            self._due_blank()
        if words:
            self._write(words)
            if text.endswith(" "):
                self._due_blank()

    def _verbatim(self, text: str) -> None:
        text = self._held + (text.lstrip("\n") if self._gap or not self._begun else text)
        kept = text.rstrip("\n")
        self._held = text[len(kept) :]
        if kept:
            self._write(self._kept + kept.replace("\n", f"\n{self._prefix()}{self._kept}"))

    def _item(self) -> None:
        within = self._lists[-1] if self._lists else _List(None, len(self._prefixes))
        del self._prefixes[within.depth :]  # an item before it that nobody ended
        self._due(1)
        self._flush()
        sign = "- " if within.number is None else f"{within.number}. "
        if within.number is not None:
            within.number += 1
            within.signs.append(len(self._out))
        self._out.append(sign)
        self._prefixes.append(("li", " " * len(sign)))
        self._fresh = True

    def _link(self, link: _Link) -> None:
        text = " ".join(link.words)
        if not link.target or link.target.startswith("#"):
            return
        plain = self._protected.plain if self._protected is not None else str
        target = plain(link.target)
        shown = plain(text)
        bare = _SCHEME.sub("", target)
        if not text:
            self._write(link.target)
        elif shown == target or target in shown.split():
            return
        elif shown != bare.rstrip("/"):
            self._out.append(f" ({link.target})")
        elif target.startswith("http") and len(link.words) == 1:  # such as `example.com`, which nobody could click on
            self._out[link.place] = link.target

    def _statement(self, hit: re.Match[str]) -> None:
        """Write a statement in its place, and keep what is due right on every way through it."""
        assert self._protected is not None
        tag = self._protected.tag(hit)
        if tag.word == "include":  # what it prints is not known here
            self._write(hit[0])
            return
        if self._blank and not self._gap:
            self._out.append(" ")
            self._blank = False
        if tag.word == "for" and self._gap > 1:
            self._out.append("\n" + self._between.rstrip())
            self._gap = 1
        if tag.word in ("else", "elif") and self._ways and (way := self._ways[-1]) is not None:
            way.widest = max(way.widest, self._gap)
            way.always = tag.word == "else"
            self._gap, self._blank, self._fresh = way.gap, way.blank, way.fresh
        elif ends(tag) and self._ways:
            self._end_way(tag.word, self._ways.pop())
        elif opens(tag):
            self._begin_way(tag.word)
        self._out.append(hit[0])

    def _begin_way(self, word: str | None) -> None:
        if word in ("if", "for"):
            if self._lists and len(self._prefixes) == self._lists[-1].depth:
                self._without_numbers(self._lists[-1])
            self._ways.append(_Way(self._gap, self._blank, self._fresh))
        elif word in ("macro", "set"):  # what is in it is printed elsewhere
            self._ways.append(_Way(self._gap, self._blank, self._fresh))
            self._gap, self._blank, self._fresh = 0, False, True
        else:
            if word in ("block", "call", "filter"):  # what is in it may be printed in another form
                self._flush()
                self._fresh = True
            self._ways.append(None)

    def _end_way(self, word: str | None, way: _Way | None) -> None:
        if way is None:
            self._fresh = False
        elif word in ("endmacro", "endset"):
            self._gap, self._blank, self._fresh = way.gap, way.blank, way.fresh
        else:
            if word == "endfor" and way.fresh and self._gap:  # the next turn must not stick to this one
                self._flush()
            self._gap = max(self._gap, way.widest, 0 if way.always else way.gap)

    def _without_numbers(self, within: _List) -> None:
        # Which items a contact gets is not known here, so their numbers would be wrong.
        within.number = None
        for place in within.signs:
            self._out[place] = "- "

    def _due(self, breaks: int) -> None:
        if breaks and not self._fresh:
            prefix = self._prefix()
            self._between = min(self._between, prefix, key=len) if self._gap else prefix
            self._gap = max(self._gap, breaks)
            self._blank = self._bar = False

    def _due_blank(self) -> None:
        self._blank = not self._fresh and not self._gap

    def _write(self, text: str) -> None:
        self._flush()
        for link in self._links:
            link.words.append(unwrapped(text))
            link.place = len(self._out)
        self._out.append(text)
        self._fresh = False

    def _flush(self) -> None:
        prefix = self._prefix()
        if not self._begun:
            self._out.append(prefix)
        elif self._gap:
            empty = min(self._between, prefix, key=len).rstrip()
            self._out.append("\n" + (empty + "\n") * (self._gap - 1) + prefix)
        elif self._bar:
            self._out.append(f" | {self._kept}")
        elif self._blank:
            self._out.append(" ")
        self._begun = True
        self._gap = 0
        self._blank = self._bar = False

    def _prefix(self) -> str:
        return "".join(prefix for _, prefix in self._prefixes)

    def _end(self, tag: str) -> None:
        if any(tag == other for other, _ in self._prefixes):
            while self._prefixes.pop()[0] != tag:
                pass


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 1
