"""`nurture.yml`: bytes -> `Config` and the names that it declares, or everything that is wrong with it at once."""

from __future__ import annotations

import keyword
import re
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from nurture_cli.campaign.keys.blocks import Values, defaults, read_block
from nurture_cli.campaign.keys.kinds import When
from nurture_cli.campaign.keys.project import LIMITS, PROJECT
from nurture_cli.campaign.model import Channel, Config, Limits, Segment, Sender
from nurture_cli.campaign.parse import read_root
from nurture_cli.campaign.parse_channels import read_channels
from nurture_cli.campaign.parse_funnel import read_funnel, read_stage_names
from nurture_cli.language.condition import segments_in
from nurture_cli.language.condition_text import OTHER_LANGUAGES
from nurture_cli.language.expression import MEASURES, Condition, Constant, Type
from nurture_cli.language.functions import FUNCTIONS
from nurture_cli.language.names import NameKind, Names
from nurture_cli.language.reading import Reading
from nurture_cli.records import CORE_TEXT_FIELDS, EVENT_KINDS
from nurture_cli.text.diagnostic import Diagnostic, Span
from nurture_cli.text.nodes import BrokenNode, ListNode, MapNode, Node, Scalar, clip

MOST_SHOWN = 10  # segments of a circle
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_RESERVED = {"tag", "untag", "id", "contact", "suppressed", *CORE_TEXT_FIELDS, *FUNCTIONS, *MEASURES, *OTHER_LANGUAGES}


@dataclass(frozen=True, slots=True)
class ConfigReading:
    """nurture.yml as it was read: `names` holds what could be read even if `config` is None."""

    config: Config | None
    names: Names
    diagnostics: tuple[Diagnostic, ...]


def parse_config(
    data: bytes, file: str, assets: Collection[str], campaigns: Collection[str] = frozenset()
) -> ConfigReading:
    """Read nurture.yml; `assets` and `campaigns` are the names of the project's other files."""
    reading = Reading(unread_names(assets))
    root = read_root(data, file, reading, "the project", "`project:`, `zone:` and `stages:`")
    values = None if root is None else read_block(root, PROJECT, reading, "", Span(file, 1, 1, 1))
    if root is None or values is None:
        return ConfigReading(None, reading.names, reading.diagnostics)
    fields = _fields(values["fields"] or (), reading)
    stages = read_stage_names(values["stages"], reading)
    channels = read_channels(values["channels"], values.span, reading)
    unsure = {sort for sort, whole in _whole(root, values, fields, channels, stages).items() if not whole}
    reading.names = Names(
        zone=values["zone"] or "UTC",
        stages=stages,
        fields=fields,
        kinds=frozenset(EVENT_KINDS) | frozenset(values["events"] or ()),
        assets=frozenset(assets),
        channels=frozenset(channels),
        campaigns=frozenset(campaigns),
        unsure=frozenset(unsure),
    )
    segments = _segments(values["segments"] or (), reading)
    funnel = read_funnel(values, stages, reading)
    if not reading.sound:
        return ConfigReading(None, reading.names, reading.diagnostics)
    limits = values["limits"] or defaults(LIMITS, values.span)
    config = Config(
        name=values["project"],
        file=file,
        hash=sha256(data).hexdigest(),
        zone=values["zone"],
        sender=_sender(values["sender"]),
        stages=stages,
        fields=fields,
        segments=segments,
        limits=Limits(limits["per_contact"], limits["guard"], limits["stop_after"]),
        channels=channels,
        closed=frozenset(values["closed"]),
        languages=tuple(values["languages"]),
        events=frozenset(values["events"]),
        funnel=funnel,
        places=reading.places,
    )
    return ConfigReading(config, reading.names, reading.diagnostics)


def names_of(config: Config, assets: Collection[str], campaigns: Collection[str] = frozenset()) -> Names:
    """The names that a configuration, the assets and the campaigns declare."""
    return Names(
        zone=config.zone,
        stages=config.stages,
        fields=config.fields,
        kinds=frozenset(EVENT_KINDS) | config.events,
        assets=frozenset(assets),
        segments={name: segment.condition for name, segment in config.segments.items()},
        channels=frozenset(config.channels),
        campaigns=frozenset(campaigns),
    )


def unread_names(assets: Collection[str]) -> Names:
    """The names of a project whose nurture.yml cannot be read: only the assets are sure."""
    return Names(assets=frozenset(assets), unsure=frozenset(NameKind) - {NameKind.ASSET})


def _whole(
    root: MapNode,
    values: Values,
    fields: Mapping[str, Type],
    channels: Mapping[str, Channel],
    stages: Collection[str],
) -> dict[NameKind, bool]:
    """For each sort whether all declared names could be read, so that no follow-up mistakes are reported."""

    def complete(key: str, read: Collection[Any]) -> bool:
        match root.get(key):
            case None:
                return True
            case ListNode(items=items):
                names = (item.get("stage") if isinstance(item, MapNode) else item for item in items)
                return all(isinstance(name, Scalar) and name.text in read for name in names)
            case MapNode(entries=entries):
                return all(name.text in read for name, _ in entries)
            case Scalar() | BrokenNode():
                return False

    return {
        NameKind.STAGE: root.get("stages") is None or (bool(stages) and complete("stages", stages)),
        NameKind.FIELD: complete("fields", fields),
        NameKind.KIND: complete("events", values["events"] or ()),
        NameKind.CHANNEL: complete("channels", channels),
    }


def _fields(pairs: Sequence[tuple[Scalar, Type]], reading: Reading) -> dict[str, Type]:
    fields: dict[str, Type] = {}
    for name, kind in pairs:
        if name.text in _RESERVED or keyword.iskeyword(name.text):
            message = f"A field cannot be called `{name.text}`: the name already has a meaning."
            reading.error("bad-name", name.span, message, "Choose another name.")
        elif not _FIELD.match(name.text):
            message = f"`{clip(name.text)}` cannot be the name of a field."
            help = "The name of a field has lowercase letters a-z, digits and `_`, and begins with a letter."
            reading.error("bad-name", name.span, message, help)
        else:
            fields[name.text] = kind
    return fields


def _segments(pairs: Sequence[tuple[Scalar, Node]], reading: Reading) -> dict[str, Segment]:
    """The segments, each after those that it names."""
    texts = {name.text: node.text if isinstance(node, Scalar) else "" for name, node in pairs}
    needs = {name: segments_in(text) & texts.keys() for name, text in texts.items()}
    ready: dict[str, Segment] = {}
    waiting = {name.text: (name, node) for name, node in pairs}
    needed_by: dict[str, list[str]] = {}
    for name, needed in needs.items():
        for other in needed:
            needed_by.setdefault(other, []).append(name)
    missing = {name: len(needed) for name, needed in needs.items()}
    turn = deque(name for name in waiting if not missing[name])
    # All are known by name; a segment that needs another waits for it.
    bound = {name: Condition("", Constant(False, node.span), node.span) for name, (_, node) in waiting.items()}
    reading.names = replace(reading.names, segments=bound)
    while turn:
        text = turn.popleft()
        node = waiting.pop(text)[1]
        reading.places[f"segments.{text}"] = node.span
        condition = None if isinstance(node, BrokenNode) else When().read(node, reading, text)
        if condition is not None:
            ready[text] = Segment(text, condition)
            bound[text] = condition
        for name in needed_by.get(text, ()):
            missing[name] -= 1
            if not missing[name]:
                turn.append(name)
    if waiting:
        _circle(waiting, needs, reading)
    known = {name: segment.condition for name, segment in ready.items()}
    unsure = reading.names.unsure | ({NameKind.SEGMENT} if len(ready) < len(bound) else frozenset())
    reading.names = replace(reading.names, segments=known, unsure=unsure)
    return ready


def _circle(waiting: Mapping[str, tuple[Scalar, Node]], needs: Mapping[str, Collection[str]], reading: Reading) -> None:
    """Say which segments name each other in a circle."""
    place: dict[str, int] = {}  # on the way from one to the next
    following = min(waiting)
    while following not in place:
        place[following] = len(place)
        following = min(name for name in needs[following] if name in waiting)
    circle = [*list(place)[place[following] :], following]
    name = waiting[circle[0]][0]
    shown = [f"`{one}`" for one in circle]
    if len(shown) > MOST_SHOWN:
        shown[MOST_SHOWN - 2 : -1] = ["…"]
    message = "These segments name each other in a circle: " + " → ".join(shown) + "."
    reading.error("segment-circle", name.span, message, "Write one of them without the other.")


def _sender(values: Values) -> Sender:
    leave = values["unsubscribe"]
    return Sender(
        name=values["name"],
        address=values["address"],
        reply_to=values["reply_to"],
        postal_address=values["postal_address"] or "",
        unsubscribe_url=leave["url"] if leave else None,
        unsubscribe_mailto=leave["mailto"] if leave else None,
        permission_reminder=values["permission_reminder"],
    )
