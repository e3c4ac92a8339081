"""What a `set` step changes: fields by their declared type, tags to add and to remove."""

from __future__ import annotations

import re

from nurture_cli.campaign.keys.step import TAGS
from nurture_cli.language.expression import Type
from nurture_cli.language.names import NameKind
from nurture_cli.language.reading import Reading
from nurture_cli.records import CORE_TEXT_FIELDS, Value
from nurture_cli.text.nodes import BrokenNode, MapNode, Node, Scalar, describe
from nurture_cli.timing import is_date

Changes = tuple[tuple[tuple[str, Value | None], ...], tuple[str, ...], tuple[str, ...]]

LONGEST = 1_000
_DECIMAL = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}\Z")
_NOT_HERE = {
    "stage": "Write a step of its own: `- stage: …`.",
    "email": "Only `nurture contacts set` changes an address.",
    "consent": "Consent comes from the contact: by import, or by `nurture contacts set`.",
    "zone": "`nurture contacts set` changes a zone, and checks it.",
}
_WANTED = {
    Type.TEXT: "text",
    Type.NUMBER: "a number",
    Type.BOOLEAN: "`true` or `false`",
    Type.DATE: "a date such as 2026-12-24",
}


def read_facts(node: MapNode, reading: Reading) -> Changes:
    """Fields with their new values (None clears), tags to add, tags to remove."""
    fields: list[tuple[str, Value | None]] = []
    tags: dict[str, tuple[str, ...]] = {"tag": (), "untag": ()}
    if not node.entries:
        reading.error("wrong-type", node.span, "This `set` is empty.", "Name a field with its value, or a tag.")
    for name, value in node.entries:
        if name.text in tags:
            tags[name.text] = TAGS.read(value, reading, name.text) or ()
        elif name.text in _NOT_HERE:
            reading.error("unknown-field", name.span, f"`set` cannot change `{name.text}`.", _NOT_HERE[name.text])
        else:
            known = _type_of(name, reading)
            if known is not None:
                fields.append((name.text, _value(known, value, reading, name.text)))
    both = set(tags["tag"]) & set(tags["untag"])
    if both:
        message = f"This step both adds and removes the tag `{min(both)}`."
        reading.error("wrong-type", node.span, message, "Keep one of the two.")
    return tuple(fields), tags["tag"], tags["untag"]


def _type_of(name: Scalar, reading: Reading) -> Type | None:
    if name.text in CORE_TEXT_FIELDS:
        return Type.TEXT
    if not reading.known(NameKind.FIELD, name.text, name.span):
        return None
    return reading.names.fields.get(name.text)


def _value(wanted: Type, node: Node, reading: Reading, key: str) -> Value | None:
    """The value in its type; None when the field is cleared, or after saying what is wrong."""
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(node, Scalar):
        if value is None:
            return None
        match wanted:
            case Type.TEXT if not isinstance(value, bool) and len(node.text) <= LONGEST:
                return node.text
            case Type.NUMBER if isinstance(value, int | float) and not isinstance(value, bool):
                return value
            case Type.NUMBER if not node.style and _DECIMAL.match(node.text):
                return float(node.text)
            case Type.BOOLEAN if isinstance(value, bool):
                return value
            case Type.DATE if is_date(node.text):
                return node.text
    if not isinstance(node, BrokenNode):
        message = f"The field `{key}` holds {_WANTED[wanted]}; this is {describe(node)}."
        reading.error("wrong-type", node.span, message)
    return None
