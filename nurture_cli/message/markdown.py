"""Markdown to HTML, once for all contacts: by then Jinja's tags are words, see `protect.py`.

A line with only statements, such as `{% if … %}`, is a block of its own, so that paragraphs and lists begin and end
where a reader would see them. A list that only such lines interrupt stays one list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from nurture_cli.message.bare_links import LINKS, bare_links
from nurture_cli.message.breaks import is_meant
from nurture_cli.message.protect import Protected, ends, opens

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_LINE = "statements"  # the type of our tokens
_LINK = "bracketed_link"
_BREAK = "meant_break"
_CELL = "border-bottom:1px solid #b3c3c8;vertical-align:top"
_LISTS = frozenset(("bullet_list_open", "ordered_list_open"))
_HARMLESS = frozenset(("if", "elif", "else", "endif", "for", "endfor", "set", "with", "endwith"))  # inside a list


def to_html(protected: Protected) -> str:
    """The HTML of Markdown, which still has the words for tags."""
    reader = _reader()
    surroundings = {"protected": protected}
    tokens = _with_whole_lists(reader.parse(protected.text, surroundings), protected)
    html: str = reader.renderer.render(tokens, reader.options, surroundings)
    return html


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    class Reader(MarkdownIt):
        def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802  as in markdown-it
            return True  # a bad link is to become a link, so that the check of links sees and refuses it

    reader = Reader("commonmark", {"html": True}).enable("table")
    reader.block.ruler.before("table", _LINE, _statements, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    reader.inline.ruler.before("autolink", _LINK, _bracketed_link)
    reader.inline.ruler.before("newline", _BREAK, _meant_break)
    reader.core.ruler.push("bare_links", _with_bare_links)
    reader.core.ruler.push("styles", _with_styles)
    reader.add_render_rule(_LINE, lambda _self, tokens, number, _options, _env: tokens[number].content + "\n")
    return reader


def _statements(state: StateBlock, line: int, _last: int, silent: bool) -> bool:
    """A block rule: a line with only statements."""
    if state.is_code_block(line):
        return False
    text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
    protected: Protected = state.env["protected"]
    if not text or protected.statement.sub("", text).strip():
        return False
    if not silent:
        token = state.push(_LINE, "", 0)
        token.content = text
        token.map = [line, line + 1]
        state.line = line + 1
    return True


def _bracketed_link(state: StateInline, silent: bool) -> bool:
    """An inline rule: `<{{ asset.link }}>` is a link, as `<https://…>` is."""
    protected: Protected = state.env["protected"]
    hit = protected.variable.match(state.src, state.pos + 1)
    if hit is None or state.src[state.pos] != "<" or state.src[hit.end() : hit.end() + 1] != ">":
        return False
    if protected.tag(hit).inside.strip() not in LINKS:
        return False
    if not silent:
        state.push("link_open", "a", 1).attrs = {"href": hit[0]}
        state.push("text", "", 0).content = hit[0]
        state.push("link_close", "a", -1)
    state.pos = hit.end() + 1
    return True


def _meant_break(state: StateInline, silent: bool) -> bool:
    """An inline rule: an intended line break stays one."""
    if state.src[state.pos] != "\n":
        return False
    plain = state.env["protected"].plain
    before, after = state.src[: state.pos].rpartition("\n")[2], state.src[state.pos + 1 :].partition("\n")[0]
    if not is_meant(plain(before), plain(after)):
        return False
    if not silent:
        state.pending = state.pending.rstrip(" ")
        state.push("hardbreak", "br", 0)
    state.pos += 1 + len(after) - len(after.lstrip())
    return True


def _with_bare_links(state: StateCore) -> None:
    """A core rule: addresses in the text become links."""
    for block in state.tokens:
        if block.type != "inline":
            continue
        made: list[Token] = []
        within = 0  # links that are open
        for token in block.children or ():
            within += token.nesting if token.type in ("link_open", "link_close") else _opened_by(token)
            made += [token] if within or token.type != "text" else _linked(token.content, state.env["protected"])
        block.children = made


def _opened_by(token: Token) -> int:
    """How many links a piece of HTML opens (-1: it closes one)."""
    if token.type != "html_inline":
        return 0
    tag = re.match(r"<(/?)a[\s>]", token.content, re.IGNORECASE)
    return 0 if tag is None else -1 if tag[1] else 1


def _linked(text: str, protected: Protected) -> Iterator[Token]:
    from markdown_it.token import Token

    def written(part: str) -> Token:
        return Token("text", "", 0, content=part)

    end = 0
    for start, stop, target in bare_links(text, protected):
        yield written(text[end:start])
        yield Token("link_open", "a", 1, attrs={"href": target})
        yield written(text[start:stop])
        yield Token("link_close", "a", -1)
        end = stop
    yield written(text[end:])


def _with_styles(state: StateCore) -> None:
    """A core rule: the styles that mails need even in programs that ignore <style>.

    Lines of code are wrapped; tables have room between columns, a line below each row, and scroll where they are wide.
    """
    from markdown_it.token import Token

    made: list[Token] = []
    for token in state.tokens:
        if token.type == "table_open":
            made.append(Token("html_block", "", 0, content='<div style="overflow-x:auto;margin:0 0 16px">\n'))
            token.attrs |= {"border": "0", "cellpadding": "8", "cellspacing": "0", "width": "100%"}
            token.attrs["style"] = "border-collapse:collapse;overflow-wrap:normal;word-break:normal"
        elif token.type in ("th_open", "td_open"):
            token.attrs["style"] = ";".join(filter(None, (str(token.attrGet("style") or ""), _CELL)))
        elif token.type in ("fence", "code_block"):
            token.attrs["style"] = "white-space:pre-wrap"
        made.append(token)
        if token.type == "table_close":
            made.append(Token("html_block", "", 0, content="</div>\n"))
    state.tokens = made


def _with_whole_lists(tokens: Sequence[Token], protected: Protected) -> list[Token]:
    """The tokens, with lists joined that only statements separate, at every depth."""
    units: list[list[Token]] = []
    number = 0
    while number < len(tokens):
        last = _closing(tokens, number)
        inner = _with_whole_lists(tokens[number + 1 : last], protected) if last > number else []
        units.append([tokens[number], *inner, tokens[last]] if last > number else [tokens[number]])
        number = last + 1
    made: list[Token] = []
    number = 0
    while number < len(units):
        end = _whole_list(units, number, protected)
        made += units[number] if end is None else _joined(units[number : end + 1])
        number = (number if end is None else end) + 1
    return made


def _closing(tokens: Sequence[Token], first: int) -> int:
    depth = 0
    for number in range(first, len(tokens)):
        depth += tokens[number].nesting
        if depth == 0:
            return number
    return len(tokens) - 1


def _whole_list(units: Sequence[list[Token]], first: int, protected: Protected) -> int | None:
    """The last unit of what can be one list from `first` on: whole lists and whole statements, mixed."""
    kind: tuple[str, str] | None = None
    lists = depth = 0
    repeated = False
    found: int | None = None
    for number in range(first, len(units)):
        head = units[number][0]
        if head.type in _LISTS:
            kind = kind or (head.type, head.markup)
            if kind != (head.type, head.markup):
                break
            lists += 1
        elif head.type == _LINE:
            for hit in protected.word.finditer(head.content):
                tag = protected.tag(hit)
                depth += opens(tag) - ends(tag)
                repeated = repeated or tag.word == "for"
                if depth < 0 or tag.word not in _HARMLESS:
                    return found
        else:
            break
        if depth == 0 and (lists > 1 or (lists and repeated)):
            found = number
    return found


def _joined(units: Sequence[list[Token]]) -> list[Token]:
    lists = [unit for unit in units if unit[0].type in _LISTS]
    inner = [token for unit in units for token in (unit[1:-1] if unit[0].type in _LISTS else unit)]
    return [lists[0][0], *inner, lists[-1][-1]]
