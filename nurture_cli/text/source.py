"""The only door to YAML: text -> located nodes, from parser events alone, so that no file can run away with us.

`yaml.load` and `yaml.compose` recurse in C and crash the interpreter on deep nesting, keep the last of two equal keys,
and read `17:00` as 1020. Here the events of the scanner are put together by hand, counted as they come.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml  # noqa: TID251  this is the door

from nurture_cli.text.decode import CONTROL, control_characters
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span
from nurture_cli.text.nodes import BrokenNode, ListNode, MapNode, Node, Scalar, Source, clip

MAX_DEPTH = 40
MAX_VALUES = 50_000
MAX_ALIASES = 100
MAX_ITEMS = 1_000  # of one list or mapping that a person writes by hand

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(
    text: str, file: str, line: int = 1, *, items: int = MAX_VALUES
) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """The root node of a text whose first line is line `line` of `file`; None when there is none or it is refused.

    It is refused when a list or mapping in it has more than so many `items`.
    """
    bad = control_characters(text, file, line)
    if bad:
        return None, bad
    builder = _Builder(Source(file, text, line), items)
    try:
        root = builder.build()
    except _RefusedError:
        root = None
    except yaml.YAMLError as error:
        root = None
        found = _too_deep_before(error, builder.source) or _explained(error, builder.source)
        if all((other.rule, other.span.line) != (found.rule, found.span.line) for other in builder.diagnostics):
            builder.diagnostics.append(found)
    return root, tuple(builder.diagnostics)


class _RefusedError(Exception):
    """The rest of the file is not read; the reason is among the diagnostics."""


@dataclass(slots=True, eq=False)
class _Open:
    """A collection that is being read; `before` is the number of values before it, `height` that of its children."""

    event: Any
    before: int
    children: list[Node]
    height: int = 0


class _Builder:
    # Events are `Any` here: the stubs give every mark as possibly missing, which no parser's is; and this is the one
    # hot loop of loading a project.

    def __init__(self, source: Source, items: int = MAX_VALUES) -> None:
        self.source = source
        self.items = items
        self.diagnostics: list[Diagnostic] = []
        self.open: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int, int] | None] = {}  # None while its node is still open
        self.values = 0
        self.aliases = 0
        self.root: Node | None = None

    def build(self, stop: int | None = None) -> Node | None:
        """The root node of the text up to `stop`; raises _RefusedError, or the scanner's own error."""
        parser: Any = _LOADER(self.source.text[:stop])
        try:
            while True:
                event = parser.get_event()
                if event is None:
                    return self.root
                kind = type(event)
                if kind is yaml.ScalarEvent:
                    node = self.scalar(event)
                    if event.anchor is not None:
                        self.anchors[event.anchor] = (node, 1, 0)
                    self.add(node, 0)
                elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                    self.begin(event)
                elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                    self.close(event)
                elif kind is yaml.AliasEvent:
                    self.alias(event)
                elif kind is yaml.DocumentStartEvent:
                    self.document(event)
        finally:
            parser.dispose()

    def document(self, event: Any) -> None:
        if self.values:
            message = "A second document begins here; one file holds one."
            self.refuse("several-documents", event, message, "Move it to a file of its own.")
        if event.version or event.tags:
            message = "Directives (lines that begin with `%`) are not read."
            self.error("yaml-directive", self.span(event), message, "Delete it.")

    def scalar(self, event: Any) -> Node:
        self.count(event, 1)
        if event.tag is not None:
            return self.tagged(event)
        start, end = event.start_mark, event.end_mark
        source, style = self.source, event.style or ""
        line = source.line + start.line
        last = end.column + 1 if end.line == start.line else 0
        node = Scalar(event.value, style, source, start.index, end.index, line, start.column + 1, last)
        if style == '"' and "\\" in source.text[start.index : end.index] and CONTROL.search(node.text):
            code = f"U+{ord(CONTROL.findall(node.text)[0]):04X}"
            message = f"This text stands for a control character ({code})."
            self.error("control-character", node.span, message, "Remove the escape.")
            return BrokenNode(node.span)
        return node

    def begin(self, event: Any) -> None:
        self.count(event, 1)
        if len(self.open) >= MAX_DEPTH:
            self.refuse("too-deep", event, f"More than {MAX_DEPTH} levels are nested here.")
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.open.append(_Open(event, self.values - 1, []))

    def alias(self, event: Any) -> None:
        name, shown = event.anchor, clip(event.anchor)
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            self.refuse("yaml-alias", event, f"This file uses more than {MAX_ALIASES} aliases.", "Write them out.")
        if name not in self.anchors:
            message = f"`*{shown}` is an alias, and nothing above is marked `&{shown}`."
            self.refuse("yaml-alias", event, message, "A text that begins with `*` must be in quotes.")
        held = self.anchors[name]
        if held is None:
            message = f"`*{shown}` is inside the value that it repeats."
            self.refuse("yaml-alias", event, message, "Write it out.")
        node, size, height = held
        self.count(event, size)
        if len(self.open) + height > MAX_DEPTH:
            self.refuse("too-deep", event, f"More than {MAX_DEPTH} levels are nested here.")
        self.add(node, height)

    def close(self, end: Any) -> None:
        frame = self.open.pop()
        event = frame.event
        size = len(frame.children) // (2 if type(event) is yaml.MappingStartEvent else 1)
        if size > self.items:
            self.refuse("too-large", event, f"There are {size:,} items here; the limit is {self.items:,}.", "Split it.")
        node: Node
        if event.tag is not None:
            node = self.tagged(event)
        elif type(event) is yaml.SequenceStartEvent:
            items = tuple(frame.children)
            node = ListNode(self.place(event, end), items, bool(event.flow_style))
        else:
            node = self.mapping(frame, end)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, self.values - frame.before, frame.height + 1)
        self.add(node, frame.height + 1)

    def mapping(self, frame: _Open, end: Any) -> Node:
        entries: dict[str, tuple[Scalar, Node]] = {}
        children = iter(frame.children)
        for key, value in zip(children, children, strict=True):
            if not isinstance(key, Scalar):
                if self.bad_key(frame, key):
                    return BrokenNode(self.span(frame.event))
            elif key.text in entries:
                first = entries[key.text][0].span
                message = f"`{clip(key.text)}` appears here a second time; the first is in line {first.line}."
                related = ((first, "first here"),)
                self.error("repeated-key", key.span, message, "Keep one of the two.", related)
            elif key.text == "<<" and not key.style:
                self.error("merge-key", key.span, "Merge keys (`<<`) are not read.", "Write the keys out.")
            else:
                entries[key.text] = (key, value)
        flow = bool(frame.event.flow_style)
        kept = tuple(entries.values())
        span = kept[0][0].span if kept and not flow else self.place(frame.event, end)
        return MapNode(span, kept, flow)

    def bad_key(self, frame: _Open, key: Node) -> bool:
        """Say why a collection is not a key; true when the whole mapping was an unquoted `{{ x }}`."""
        if isinstance(key, BrokenNode):
            return False
        at = frame.event.start_mark.index
        if self.source.text.startswith("{{", at):
            stop = self.source.text.find("}}", at)
            span = self.letters(frame.event, at, stop + 2 if stop != -1 else at + 2)
            message = "`{{ … }}` must be in quotes here; without them YAML takes the `{` for a mapping."
            self.error("unquoted-braces", span, message, 'Write it like this: "{{ contact.first_name }}"')
            return True
        self.error("not-yaml", key.span, "A key must be a single word.", "Is a quote or a line end missing?")
        return False

    def add(self, node: Node, height: int) -> None:
        if self.open:
            frame = self.open[-1]
            frame.children.append(node)
            if height > frame.height:
                frame.height = height
        else:
            self.root = node

    def count(self, event: Any, values: int) -> None:
        self.values += values
        if self.values > MAX_VALUES:
            message = f"This file holds more than {MAX_VALUES:,} values, aliases written out."
            self.refuse("too-large", event, message, "Split it.")

    def tagged(self, event: Any) -> BrokenNode:
        help = "For “not” in a condition write `not`; quote a text that begins with `!`."
        self.error("yaml-tag", self.span(event), "Tags (words that begin with `!`) are not read.", help)
        return BrokenNode(self.span(event))

    def span(self, event: Any) -> Span:
        return self.letters(event, event.start_mark.index, event.end_mark.index)

    def letters(self, event: Any, start: int, end: int) -> Span:
        """The place of some characters, the first of which is on the line where the event begins."""
        return self.source.span(start, end, self.source.line + event.start_mark.line)

    def place(self, start: Any, end: Any) -> Span:
        """Of a collection in brackets, from bracket to bracket; of a list in lines, its first dash."""
        at = start.start_mark.index
        return self.letters(start, at, end.end_mark.index if start.flow_style else at + 1)

    def error(self, rule: str, span: Span, message: str, help: str, related: tuple[tuple[Span, str], ...] = ()) -> None:
        self.diagnostics.append(Diagnostic(rule, Severity.ERROR, span, message, help, related))

    def refuse(self, rule: str, event: Any, message: str, help: str | None = None) -> NoReturn:
        self.diagnostics.append(Diagnostic(rule, Severity.ERROR, self.span(event), message, help))
        raise _RefusedError


def _too_deep_before(error: yaml.YAMLError, source: Source) -> Diagnostic | None:
    """The finding of too much nesting before the place of an error, if that is the cause.

    The scanner reads ahead: newer ones stop at a depth of their own before they have told of our first level.
    """
    place = getattr(error, "problem_mark", None)
    builder = _Builder(source)
    with suppress(_RefusedError, yaml.YAMLError):
        builder.build(place and place.index)
    return next((found for found in builder.diagnostics if found.rule == "too-deep"), None)


def _explained(error: yaml.YAMLError, source: Source) -> Diagnostic:
    from nurture_cli.text.syntax import Trouble, explain  # only when there is a mistake to explain

    place, began = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    trouble = Trouble(
        getattr(error, "problem", None) or str(error),
        None if place is None else (place.line, place.column),
        None if began is None else (began.line, began.column),
    )
    return explain(trouble, source)
