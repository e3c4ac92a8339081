"""Which column means what: by flags, or by a small YAML file that you save beside the export.

```yaml
columns:
  Email 1: email
  Deal Stage: stage
  Notes: ignore
values:
  stage:
    Closed Won: customer
    "*": name             # whatever else stands there
constants:
  source: trade fair 2026
tags: [trade-fair]
```
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nurture_cli.errors import InputOutput, WrongUsage
from nurture_cli.inbound.column_names import bare_name
from nurture_cli.inbound.headers import KNOWN
from nurture_cli.language.names import nearest
from nurture_cli.text.decode import MAX_BYTES, decode
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span
from nurture_cli.text.nodes import BrokenNode, ListNode, MapNode, Node, Scalar

IGNORE = "ignore"  # the target of a column that you leave out on purpose
ANY_OTHER = "*"  # among `values`: every text that is not named
_KEYS = ("columns", "values", "constants", "tags")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """`columns` leads from a column's name to a target, `values` from a text in it to its meaning."""

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by target
    constants: Mapping[str, str] = field(default_factory=dict)  # the same for every row, by target
    tags: tuple[str, ...] = ()


def with_flags(
    column_map: ColumnMap,
    *,
    columns: Iterable[str] = (),
    values: Iterable[str] = (),
    constants: Iterable[str] = (),
    tags: Iterable[str] = (),
) -> ColumnMap:
    """Add the flags, which win: `COLUMN=TARGET`, `TARGET:GIVEN=MEANT`, `TARGET=VALUE`, and tags."""
    translated = {target: dict(texts) for target, texts in column_map.values.items()}
    for flag in values:
        left, meant = _split(flag, "TARGET:GIVEN=MEANT, such as `stage:Closed Won=customer`")
        target, colon, given = left.partition(":")
        if not colon:
            raise WrongUsage(f"`{flag}` is not understood.", "Write it as TARGET:GIVEN=MEANT.")
        translated.setdefault(target.strip(), {})[given.strip()] = meant
    return ColumnMap(
        {**column_map.columns, **dict(_split(flag, "COLUMN=TARGET, such as `Email 1=email`") for flag in columns)},
        translated,
        {**column_map.constants, **dict(_split(flag, "TARGET=VALUE, such as `source=webinar`") for flag in constants)},
        tuple(dict.fromkeys((*column_map.tags, *tags))),
    )


def _split(flag: str, form: str) -> tuple[str, str]:
    left, sign, right = flag.rpartition("=")
    if not sign or not left.strip():
        raise WrongUsage(f"`{flag}` is not understood.", f"Write it as {form}.")
    return left.strip(), right.strip()


def unknown_target(target: str, targets: Collection[str]) -> str:
    """The error for a name that no column can be mapped to."""
    near = nearest(target, [*targets, IGNORE])
    if near is None and (meant := KNOWN.get(bare_name(target))) in targets:
        near = meant
    return f"There is no field `{target[:40]}`." + (f" Did you mean `{near}`?" if near else "")


def fields_help(targets: Collection[str]) -> str:
    """Which names there are, and where to declare others."""
    return f"Fields: {', '.join(targets)}. Declare your own under `fields:` in nurture.yml."


def read_column_map(path: Path, targets: Collection[str]) -> tuple[ColumnMap, tuple[Diagnostic, ...]]:
    """Read a saved map, every mistake with its place; `targets` are the names that columns may have."""
    from nurture_cli.text.source import read_yaml  # brings YAML along, which most imports do without

    try:
        with path.open("rb") as file:
            text, found = decode(file.read(MAX_BYTES + 1), str(path))
    except OSError as error:
        raise InputOutput(f"{path} cannot be read: {error.strerror}.") from error
    if text is None:
        return ColumnMap(), found
    root, found = read_yaml(text, str(path))
    reader = _Reader(str(path), targets)
    if root is None:
        if not found:
            reader.error(Span(str(path), 1, 1, 1), "This file is empty.", "It needs at least `columns:`.")
        return ColumnMap(), (*found, *reader.found)
    column_map = reader.read(root)
    return column_map, (*found, *reader.found)


class _Reader:
    def __init__(self, file: str, targets: Collection[str]) -> None:
        self.file = file
        self.targets = targets
        self.found: list[Diagnostic] = []

    def error(self, span: Span, message: str, help: str | None = None) -> None:
        self.found.append(Diagnostic("column-map", Severity.ERROR, span, message, help))

    def read(self, root: Node) -> ColumnMap:
        columns: dict[str, str] = {}
        values: dict[str, dict[str, str]] = {}
        constants: dict[str, str] = {}
        tags: list[str] = []
        for key, span, node in self.entries(root, "the file"):
            match key:
                case "columns":
                    for column, _, target in self.entries(node, "`columns:`"):
                        name = self.text(target)
                        if name is not None and self.known(name, target, also=(IGNORE,)):
                            columns[column] = name
                case "values":
                    for target_name, place, texts in self.entries(node, "`values:`"):
                        if self.known(target_name, place):
                            pairs = self.entries(texts, f"`values: {target_name}:`")
                            values[target_name] = {
                                given: meant for given, _, text in pairs if (meant := self.text(text)) is not None
                            }
                case "constants":
                    for target_name, place, value in self.entries(node, "`constants:`"):
                        text = self.text(value)
                        if text is not None and self.known(target_name, place):
                            constants[target_name] = text
                case "tags":
                    tags = self.texts(node)
                case _:
                    self.error(span, f"`{key[:40]}` is not a key of a column map.", f"The keys are {', '.join(_KEYS)}.")
        return ColumnMap(columns, values, constants, tuple(tags))

    def entries(self, node: Node, what: str) -> list[tuple[str, Span, Node]]:
        if isinstance(node, MapNode):
            return [(key.text, key.span, value) for key, value in node.entries]
        if not isinstance(node, BrokenNode):
            self.error(node.span, f"{what} must hold `name: value` lines.".capitalize())
        return []

    def text(self, node: Node) -> str | None:
        if isinstance(node, Scalar):
            return node.text
        if not isinstance(node, BrokenNode):
            self.error(node.span, "This must be a single text.")
        return None

    def texts(self, node: Node) -> list[str]:
        items = node.items if isinstance(node, ListNode) else (node,)
        return [text for item in items if (text := self.text(item))]

    def known(self, target: str, where: Node | Span, also: tuple[str, ...] = ()) -> bool:
        if target in self.targets or target in also:
            return True
        span = where if isinstance(where, Span) else where.span
        self.error(span, unknown_target(target, self.targets), fields_help(self.targets))
        return False
