"""What a template may know: plain values by name, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nurture_cli.campaign.model import Asset, Config
from nurture_cli.records import CORE_TEXT_FIELDS, Contact, Value

ASSET_NAMES = ("name", "title", "link")
SENDER_NAMES = ("name", "address", "postal_address")
CONSENT_NAMES = ("consent_basis", "consent_source")  # written for the record: only a template may decide to show them
NEVER_MISSING = frozenset(("contact.email", "contact.stage", "contact.consent"))
PLAIN_NAMES = ("today", "language", "direction", "permission_reminder", "unsubscribe_label", "unsubscribe_url")
LAYOUT_NAMES = ("body", "preheader", "subject")  # only in layouts

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Record:
    """The values of `contact`, `asset`, `sender` or `project`; None means that there is no value."""

    __slots__ = ("title", "values")

    def __init__(self, title: str, values: Mapping[str, Value | None]) -> None:
        self.title = title
        self.values = values


def contact_record(contact: Contact, config: Config) -> Record:
    """The facts of a contact; a blank text counts as no value."""
    values: dict[str, Value | None] = {name: _present(getattr(contact, name)) for name in CORE_TEXT_FIELDS}
    values |= {name: _present(getattr(contact, name)) for name in CONSENT_NAMES}
    given = contact.fields
    for name in config.fields:
        values[name] = _present(given.get(name))
    return Record("contact", values)


def asset_record(asset: Asset) -> Record:
    """What a template may know about its asset."""
    return Record("asset", {"name": asset.name, "title": asset.title, "link": asset.link})


def sender_record(config: Config) -> Record:
    """What a template may know about the sender."""
    sender = config.sender
    values = {"name": sender.name, "address": sender.address, "postal_address": sender.postal_address}
    return Record("sender", {name: _present(value) for name, value in values.items()})


def template_names(config: Config, *, layout: bool = False) -> frozenset[str]:
    """Every dotted name a template of this project may use, such as `contact.first_name`."""
    names = {f"contact.{name}" for name in (*CORE_TEXT_FIELDS, *CONSENT_NAMES, *config.fields)}
    names |= {f"asset.{name}" for name in ASSET_NAMES} | {f"sender.{name}" for name in SENDER_NAMES}
    names |= {"project.name", *PLAIN_NAMES}
    return frozenset(names | set(LAYOUT_NAMES) if layout else names)


def today(at: int, zone: str | None, otherwise: str) -> str:
    """The date, as ISO text, of `at` in `zone`, or in the zone `otherwise` when `zone` is not one."""
    moment = _EPOCH + timedelta(seconds=at)
    return (moment.astimezone(_zone(zone) or _zone(otherwise) or UTC)).date().isoformat()


@lru_cache(maxsize=1024)
def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _present(value: Value | None) -> Value | None:
    # Exactly these types: a subclass of `str` may claim to be safe markup.
    if type(value) is str:
        return value if value.strip() else None
    if value is None or type(value) in (int, float, bool):
        return value
    raise TypeError(f"not a plain value: {type(value).__name__}")
