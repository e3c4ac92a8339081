"""Which facts of a contact an asset prints without saying what to print for a contact who has none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Asset, Config


def bare_facts(assets: Collection[Asset], config: Config) -> Mapping[str, tuple[str, ...]]:
    """The facts that each asset prints so: those that the rule `unguarded-variable` finds in it."""
    if not assets:
        return {}
    from nurture_cli.message.guards import unguarded
    from nurture_cli.message.record import CONSENT_NAMES, NEVER_MISSING, template_names

    without = NEVER_MISSING | {f"contact.{name}" for name in CONSENT_NAMES}  # contacts who get messages have these
    facts = {name for name in template_names(config) if name.startswith("contact.")} - without
    found = {}
    for asset in assets:
        texts = (asset.subject, asset.preheader, asset.body)
        names = dict.fromkeys(name for text in texts for name, _ in unguarded(text) if name in facts)
        if names:
            found[asset.name] = tuple(name.removeprefix("contact.") for name in names)
    return found
