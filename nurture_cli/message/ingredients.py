"""What a message is made from, as a hash: while it is the same, a message that failed is not tried again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256

from nurture_cli import __version__
from nurture_cli.campaign.model import Asset, BodyFormat, Channel, Config
from nurture_cli.message.layout import HTML_LAYOUT, TEXT_LAYOUT, partials
from nurture_cli.message.record import CONSENT_NAMES
from nurture_cli.records import CORE_TEXT_FIELDS, Contact, Value

FACTS = (*CORE_TEXT_FIELDS, *CONSENT_NAMES)  # of a contact, besides the custom fields
_FILE = re.compile(r"_[\w-]+\.\w+")


def of_assets(config: Config, sources: Mapping[str, str]) -> Callable[[Asset], str]:
    """Hashes what all messages of an asset have in common: files, settings, and our own version.

    A partial counts when a file that counts names it. The settings of the channel count, since messages of a channel
    that stays on this machine may have placeholders; its limits do not count.
    """
    parts = partials(sources)
    hashes = {name: _hash(piece.text) for name, piece in parts.items()}
    named = {name: _named(piece.text) & parts.keys() for name, piece in parts.items()}
    settings = _settings(config)

    def hashed(asset: Asset) -> str:
        layouts = {TEXT_LAYOUT} if asset.format is BodyFormat.TEXT else {TEXT_LAYOUT, HTML_LAYOUT}
        new = (layouts | _named(f"{asset.subject} {asset.preheader} {asset.body}")) & parts.keys()
        names = set(new)
        while new:
            new = {other for name in new for other in named[name]} - names
            names |= new
        files = {name: hashes[name] for name in names}
        return _hash([settings, _carried_by(config.channels[asset.channel]), asset.hash, files])

    return hashed


def of_brief(config: Config, channel: Channel) -> str:
    """The hash of what all briefs for Sales have in common."""
    to = None if config.funnel.sales is None else config.funnel.sales.to
    return _hash([_settings(config), _carried_by(channel), to])


def for_contact(common: str, contact: Contact) -> str:
    """The hash of everything that the message of one contact is made from."""
    return for_facts(common, [getattr(contact, name) for name in FACTS], contact.fields)


def for_facts(common: str, facts: Sequence[str | None], fields: Mapping[str, Value]) -> str:
    """The same hash, from the values of `FACTS` and the custom fields."""
    return _hash([common, facts, fields])


def _named(text: str) -> set[str]:
    return set(_FILE.findall(text))


def _settings(config: Config) -> str:
    return repr((__version__, config.name, config.zone, config.sender, config.languages, sorted(config.fields.items())))


def _carried_by(channel: Channel) -> list[object]:
    return [channel.settings.type, sorted(asdict(channel.settings).items())]


def _hash(whole: object) -> str:
    return sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
