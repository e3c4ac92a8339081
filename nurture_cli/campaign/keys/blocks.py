"""Blocks of keys: declared once, read with every mistake in them, exported as JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nurture_cli.campaign.keys.kinds import JsonSchema, Kind, ListOf, Written, wrong_type
from nurture_cli.language.names import listed
from nurture_cli.language.reading import Reading
from nurture_cli.text.diagnostic import Span
from nurture_cli.text.nodes import MapNode, Node, Scalar, clip

_SECRET = re.compile(
    r"pass(?:word|wd|phrase)?|secret|token|credentials?|(?:api|access|private|auth)[_-]?key", re.IGNORECASE
)
_SECRET_SOURCES = ("_env", "_file", "_command")


@dataclass(slots=True, eq=False)
class Key:
    """One key: what its value may be, what it means, an example as written in YAML, and what holds without it."""

    name: str
    kind: Kind
    sentence: str
    example: str
    required: bool = False
    default: Any = None  # as it would be written in YAML
    without: str | None = None  # the default in words, where `default` cannot say it

    @property
    def otherwise(self) -> Any:
        """The value when the key is not given."""
        match self.kind:
            case Written(parse=parse) if self.default is not None:
                return parse(self.default)
            case ListOf(item=Written(parse=parse)) if self.default is not None:
                return tuple(parse(text) for text in self.default)
            case _:
                return self.default

    @property
    def absent(self) -> str:
        """The default in words, for the reference."""
        if self.without is not None:
            return self.without
        match self.default:
            case None:
                return "none"
            case bool():
                return str(self.default).lower()
            case tuple():
                return ", ".join(self.default)
            case _:
                return str(self.default)


class Block:
    """Keys that belong together; `name` as in “a campaign”, `title` for the reference."""

    def __init__(self, name: str, title: str, sentence: str, keys: tuple[Key, ...]) -> None:
        self.name = name
        self.title = title
        self.sentence = sentence
        self.keys = keys
        self.by_name = {key.name: key for key in keys}
        self.otherwise = {key.name: key.otherwise for key in keys}  # the values when nothing is given
        self.required = tuple(key for key in keys if key.required)

    def json(self) -> JsonSchema:
        """The block as JSON Schema."""
        properties: JsonSchema = {}
        for key in self.keys:
            properties[key.name] = {
                **key.kind.json(),
                "description": f"{key.sentence} Example: {' '.join(key.example.split())}",
                **({} if key.default is None else {"default": _plain(key.default)}),
            }
        required = [key.name for key in self.required]
        return {
            "type": "object",
            "title": self.name,
            "description": self.sentence,
            "additionalProperties": False,
            "properties": properties,
            **({"required": required} if required else {}),
        }


class Values:
    """The values of a block; to ask for a key that was not declared is a fault of ours."""

    def __init__(self, span: Span, values: Mapping[str, Any], nodes: Mapping[str, Node]) -> None:
        self.span = span
        self._values = values
        self._nodes = nodes

    def __getitem__(self, key: str) -> Any:
        """The value, its default when it is not given, None when it is wrong."""
        return self._values[key]

    def given(self, key: str) -> bool:
        """Whether the file has the key."""
        return key in self._nodes

    def place(self, key: str) -> Span:
        """The place of the value, or of the block when the key is not given."""
        return self._nodes[key].span if key in self._nodes else self.span


def read_block(
    node: Node, block: Block, reading: Reading, path: str | None = None, span: Span | None = None
) -> Values | None:
    """Every key of a block; with a `path` (such as `pace.`) the places of its values are noted under it.

    `span` is where the block is said to stand, when that is not its first key.
    """
    if not isinstance(node, MapNode):
        wrong_type(Inside(block).words, node, reading, block.name)
        return None
    place = span or node.span
    values = dict(block.otherwise)
    nodes: dict[str, Node] = {}
    meant: set[str | None] = set()
    for name, value in node.entries:
        key = block.by_name.get(name.text)
        if key is None:
            meant.add(unknown_key(name, block, reading))
            continue
        nodes[name.text] = value
        if path is not None:
            reading.places[path + name.text] = value.span
        if isinstance(key.kind, Inside) and path is not None:
            values[name.text] = key.kind.read_at(value, reading, path + name.text)
        else:
            values[name.text] = key.kind.read(value, reading, name.text)
    for key in block.required:
        if key.name not in nodes and key.name not in meant:
            message = f"{block.name[0].upper()}{block.name[1:]} needs the key `{key.name}`."
            example = " ".join(key.example.split())
            reading.error("missing-key", place, message, f"{key.sentence} For example: {example}")
    return Values(place, values, nodes)


def defaults(block: Block, span: Span) -> Values:
    """The block as if it were empty."""
    return Values(span, block.otherwise, {})


def unknown_key(name: Scalar, block: Block, reading: Reading) -> str | None:
    """Say that a block has no such key; for a secret, say where to put it, and never repeat it.

    Returns the key that is probably meant.
    """
    allowed = list(block.by_name)
    if _SECRET.search(name.text):
        sources = [key for key in allowed if key.endswith(_SECRET_SOURCES)]
        if name.text.endswith("_command"):
            help = "A command that prints the secret belongs in your own configuration, not into a project's file."
        else:
            help = f"Use {' or '.join(f'`{key}`' for key in sources)}." if sources else "Use the environment."
        message = f"A secret does not belong in this file: `{clip(name.text)}` is not read."
        reading.error("secret-in-file", name.span, message, help)
        return None
    near = reading.guess(name.text, allowed)
    message = f"{block.name[0].upper()}{block.name[1:]} has no key `{clip(name.text)}`."
    possible = f"The keys are {listed(allowed, 30)}."
    reading.error("unknown-key", name.span, message, f"Did you mean `{near}`? {possible}" if near else possible)
    return near


@dataclass(slots=True, eq=False)
class Inside:
    """A block inside a block."""

    block: Block

    @property
    def words(self) -> str:
        return f"a mapping with the keys {listed(self.block.by_name, 30)}"

    def json(self) -> JsonSchema:
        return self.block.json()

    def read(self, node: Node, reading: Reading, key: str) -> Values | None:
        """The block, its places not noted."""
        if not isinstance(node, MapNode):
            wrong_type(self.words, node, reading, key)
            return None
        return read_block(node, self.block, reading)

    def read_at(self, node: Node, reading: Reading, path: str) -> Values | None:
        """The block, its places noted under the path."""
        if not isinstance(node, MapNode):
            wrong_type(self.words, node, reading, path.rpartition(".")[2])
            return None
        return read_block(node, self.block, reading, f"{path}.")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
