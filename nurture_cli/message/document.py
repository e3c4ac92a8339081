"""Messages other than mail: JSON for a webhook, a title and a text for a task."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from nurture_cli.campaign.model import Asset, Config
from nurture_cli.records import CORE_TEXT_FIELDS, Contact, Value


def posted(
    config: Config,
    asset: Asset,
    contact: Contact,
    *,
    key: str,
    subject: str,
    text: str,
    html: str | None,
    unsubscribe_url: str | None,
) -> bytes:
    """The JSON of one touch: the same bytes at every attempt; bodies are without layout."""
    document = {
        "key": key,
        "project": config.name,
        "asset": {"name": asset.name, "title": asset.title, "kind": asset.kind, "link": asset.link},
        "contact": {
            "id": contact.id,
            **{name: getattr(contact, name) for name in CORE_TEXT_FIELDS},
            "fields": {name: _finite(contact.fields.get(name)) for name in config.fields},
            "tags": sorted(contact.tags),
        },
        "subject": subject,
        "text": text,
        "html": html,
        "link": asset.link,
        "unsubscribe_url": unsubscribe_url,
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True).encode("utf-8", "replace")


def noted(config: Config, record: Mapping[str, object], *, key: str) -> bytes:
    """The JSON of something other than an asset: the same bytes for the same record."""
    document = {"key": key, "project": config.name, **record}
    return json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True).encode("utf-8", "replace")


def task(title: str, text: str) -> bytes:
    """A to-do: its title on the first line, an empty line, its text."""
    return f"{title}\n\n{text.strip()}\n".encode("utf-8", "replace")


def _finite(value: Value | None) -> Value | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value
