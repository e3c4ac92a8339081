"""The only door to YAML: text -> located nodes, from parser events alone, so that no file can run away with us.

`yaml.load` and `yaml.compose` recurse in C and crash the interpreter on deep nesting, keep the last of two equal keys,
and read `17:00` as 1020. Here the events of the scanner are put together by hand, counted as they come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import yaml  # noqa: TID251  this is the door

from nurture_cli.campaign.decode import CONTROL, control_characters
from nurture_cli.campaign.diagnostic import Diagnostic, Severity, Span
from nurture_cli.campaign.nodes import BrokenNode, ListNode, MapNode, Node, Scalar, Source, clip
from nurture_cli.campaign.syntax import Trouble, explain

MAX_DEPTH = 40
MAX_VALUES = 50_000
MAX_ALIASES = 100

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str, file: str, line: int = 1) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """The root node of a text whose first line is line `line` of `file`; None when there is none or it is refused."""
    bad = control_characters(text, file, line)
    if bad:
        return None, bad
    builder = _Builder(Source(file, text, line))
    try:
        root = builder.build()
    except _RefusedError:
        root = None
    except yaml.YAMLError as error:
        root = None
        trouble = explain(_trouble(error), builder.source)
        if all((other.rule, other.span.line) != (trouble.rule, trouble.span.line) for other in builder.diagnostics):
            builder.diagnostics.append(trouble)
    return root, tuple(builder.diagnostics)


class _RefusedError(Exception):
    """The rest of the file is not looked at; the reason is among the diagnostics."""


@dataclass(slots=True)
class _Open:
    """A collection that is being read; `before` is the number of values before it, `height` that of its children."""

    event: yaml.CollectionStartEvent
    before: int
    children: list[Node] = field(default_factory=list)
    height: int = 0


class _Builder:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        self.open: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int, int] | None] = {}  # None while its node is still open
        self.values = 0
        self.aliases = 0
        self.root: Node | None = None

    def build(self) -> Node | None:
        documents = 0
        for event in self.events():
            match event:
                case yaml.ScalarEvent():
                    self.count(event, 1)
                    node = self.scalar(event)
                    self.remember(event.anchor, node, 1, 0)
                    self.add(node, 0)
                case yaml.CollectionStartEvent():
                    self.count(event, 1)
                    if len(self.open) >= MAX_DEPTH:
                        self.refuse("too-deep", event, f"More than {MAX_DEPTH} levels are nested here.")
                    self.check_tag(event)
                    if event.anchor is not None:
                        self.anchors[event.anchor] = None
                    self.open.append(_Open(event, self.values - 1))
                case yaml.CollectionEndEvent():
                    self.close(event)
                case yaml.AliasEvent():
                    self.alias(event)
                case yaml.DocumentStartEvent():
                    documents += 1
                    self.document(event, documents)
                case _:
                    pass  # the ends of documents and of the stream
        return self.root

    def events(self) -> Iterator[yaml.Event]:
        return iter(yaml.parse(self.source.text, Loader=_LOADER))

    def document(self, event: yaml.DocumentStartEvent, number: int) -> None:
        if number > 1:
            message = "A second document begins here; one file holds one."
            self.refuse("several-documents", event, message, "Move it to a file of its own.")
        if event.version or event.tags:
            self.error(
                "yaml-directive",
                self.span(event),
                "Directives (lines that begin with `%`) are not read.",
                "Delete it.",
            )

    def scalar(self, event: yaml.ScalarEvent) -> Scalar:
        self.check_tag(event)
        start, end = _start(event), _end(event)
        node = Scalar(self.span(event), event.value, event.style or "", self.source, start.index, end.index)
        if node.style == '"' and "\\" in self.source.text[start.index : end.index] and CONTROL.search(node.text):
            code = f"U+{ord(CONTROL.findall(node.text)[0]):04X}"
            message = f"This text stands for a control character ({code})."
            self.error("control-character", node.span, message, "Take the escape out.")
        return node

    def alias(self, event: yaml.AliasEvent) -> None:
        name = event.anchor or ""
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            self.refuse("yaml-alias", event, f"This file uses more than {MAX_ALIASES} aliases.", "Write them out.")
        if name not in self.anchors:
            message = f"`*{clip(name)}` is an alias, and nothing above is marked `&{clip(name)}`."
            self.refuse("yaml-alias", event, message, "A text that begins with `*` must stand in quotes.")
        held = self.anchors[name]
        if held is None:
            message = f"`*{clip(name)}` stands inside the very value that it repeats."
            self.refuse("yaml-alias", event, message, "Write it out.")
        node, size, height = held
        self.count(event, size)
        if len(self.open) + height > MAX_DEPTH:
            self.refuse("too-deep", event, f"More than {MAX_DEPTH} levels are nested here.")
        self.add(node, height)

    def close(self, event: yaml.Event) -> None:
        frame = self.open.pop()
        node: Node
        if isinstance(frame.event, yaml.SequenceStartEvent):
            items = tuple(frame.children)
            node = ListNode(self.span_of_collection(frame, event, items), items, bool(frame.event.flow_style))
        else:
            node = self.mapping(frame, event)
        self.remember(frame.event.anchor, node, self.values - frame.before, frame.height + 1)
        self.add(node, frame.height + 1)

    def mapping(self, frame: _Open, end: yaml.Event) -> Node:
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(frame.children[::2], frame.children[1::2], strict=True):
            if not isinstance(key, Scalar):
                if self.bad_key(frame, key):
                    return BrokenNode(self.span(frame.event))
            elif key.text == "<<" and not key.style:
                self.error("merge-key", key.span, "Merge keys (`<<`) are not read.", "Write the keys out.")
            elif key.text in entries:
                first = entries[key.text][0].span
                message = f"`{clip(key.text)}` stands here a second time; the first is in line {first.line}."
                related = ((first, "first here"),)
                self.error("repeated-key", key.span, message, "Keep one of the two.", related)
            else:
                entries[key.text] = (key, value)
        keys = tuple(key for key, _ in entries.values())
        return MapNode(self.span_of_collection(frame, end, keys), tuple(entries.values()), bool(frame.event.flow_style))

    def bad_key(self, frame: _Open, key: Node) -> bool:
        """Say why a collection is no key; true when the whole mapping was an unquoted `{{ x }}`."""
        at = _start(frame.event).index
        if self.source.text.startswith("{{", at):
            stop = self.source.text.find("}}", at)
            span = self.source.span(at, stop + 2 if stop != -1 else at + 2)
            message = "`{{ … }}` must stand in quotes here; without them YAML takes the `{` for a mapping."
            self.error("unquoted-braces", span, message, 'Write it like this: "{{ contact.first_name }}"')
            return True
        self.error("not-yaml", key.span, "A key must be a single word.", "Is a quote or a line end missing?")
        return False

    def add(self, node: Node, height: int) -> None:
        if not self.open:
            self.root = node
            return
        frame = self.open[-1]
        frame.children.append(node)
        frame.height = max(frame.height, height)

    def remember(self, anchor: str | None, node: Node, size: int, height: int) -> None:
        if anchor is not None:
            self.anchors[anchor] = (node, size, height)

    def count(self, event: yaml.Event, values: int) -> None:
        self.values += values
        if self.values > MAX_VALUES:
            message = f"This file holds more than {MAX_VALUES:,} values, aliases written out."
            self.refuse("too-large", event, message, "Split it.")

    def check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None:
            span = self.source.span(_start(event).index, _end(event).index)
            message = "Tags (words that begin with `!`) are not read."
            self.error(
                "yaml-tag",
                span,
                message,
                "For “not” in a condition write `not`; quote a text that begins with `!`.",
            )

    def span(self, event: yaml.Event) -> Span:
        start, end = _start(event), _end(event)
        if start.line != end.line:
            return self.source.span(start.index, end.index)
        line = self.source.line + start.line
        return Span(self.source.file, line, start.column + 1, end.column + 1)

    def span_of_collection(self, frame: _Open, end: yaml.Event, inside: tuple[Node, ...]) -> Span:
        """Of one in brackets from bracket to bracket; of one in lines its first key or its dash."""
        start = _start(frame.event)
        if frame.event.flow_style:
            return self.source.span(start.index, _end(end).index)
        if inside and isinstance(inside[0], Scalar) and not isinstance(frame.event, yaml.SequenceStartEvent):
            return inside[0].span
        line = self.source.line + start.line
        return Span(self.source.file, line, start.column + 1, start.column + 2)

    def error(self, rule: str, span: Span, message: str, help: str, related: tuple[tuple[Span, str], ...] = ()) -> None:
        self.diagnostics.append(Diagnostic(rule, Severity.ERROR, span, message, help, related))

    def refuse(self, rule: str, event: yaml.Event, message: str, help: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(rule, Severity.ERROR, self.span(event), message, help))
        raise _RefusedError


def _start(event: yaml.Event) -> yaml.Mark:
    return cast("yaml.Mark", event.start_mark)  # every event of a parser has its marks


def _end(event: yaml.Event) -> yaml.Mark:
    return cast("yaml.Mark", event.end_mark)


def _trouble(error: yaml.YAMLError) -> Trouble:
    """The parser's complaint, freed from the library's own types."""
    place = getattr(error, "problem_mark", None)
    began = getattr(error, "context_mark", None)
    return Trouble(
        getattr(error, "problem", None) or str(error),
        None if place is None else (place.line, place.column),
        None if began is None else (began.line, began.column),
    )
