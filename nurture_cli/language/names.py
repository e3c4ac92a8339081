"""Everything that a name in a campaign, an asset or a condition can mean."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from nurture_cli.language.expression import Condition, Type
from nurture_cli.records import CORE_TEXT_FIELDS, EVENT_KINDS

CONSENTS = ("express", "implied", "unknown", "withdrawn")


class NameKind(StrEnum):
    """The kind of thing that a name means; the value is the word used in messages."""

    ASSET = "asset"
    STAGE = "stage"
    FIELD = "field"
    KIND = "event kind"
    SEGMENT = "segment"
    CHANNEL = "channel"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a project; a sort in `unsure` may be incomplete, so an unknown name is not a finding."""

    zone: str = "UTC"
    stages: tuple[str, ...] = ()
    fields: Mapping[str, Type] = field(default_factory=dict)  # the declared custom fields
    kinds: frozenset[str] = frozenset(EVENT_KINDS)
    assets: frozenset[str] = frozenset()
    segments: Mapping[str, Condition] = field(default_factory=dict)
    channels: frozenset[str] = frozenset()
    campaigns: frozenset[str] = frozenset()
    unsure: frozenset[NameKind] = frozenset()

    def of(self, sort: NameKind) -> Collection[str]:
        """All names of one sort."""
        match sort:
            case NameKind.ASSET:
                return self.assets
            case NameKind.STAGE:
                return self.stages
            case NameKind.FIELD:
                return (*CORE_TEXT_FIELDS, *self.fields)
            case NameKind.KIND:
                return self.kinds
            case NameKind.SEGMENT:
                return self.segments
            case NameKind.CHANNEL:
                return self.channels
            case NameKind.CAMPAIGN:
                return self.campaigns


def nearest(name: str, among: Collection[str]) -> str | None:
    """The candidate that a writer most likely meant, if one is close."""
    plain = _plain(name)
    for candidate in sorted(among):
        if _plain(candidate) == plain:
            return candidate
    if len(name) > 80:
        return None
    from difflib import get_close_matches  # only when there is a mistake to explain

    close = [candidate for candidate in among if abs(len(candidate) - len(name)) <= 4]
    return next(iter(get_close_matches(name, sorted(close), n=1, cutoff=0.66)), None)


def listed(names: Collection[str], most: int = 8) -> str:
    """The names, quoted, as an enumeration for a message."""
    shown = [f"`{name}`" for name in list(names)[:most]]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def _plain(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "").replace(" ", "")
