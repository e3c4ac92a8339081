"""Fingerprints of what the files say: where one differs from that of the last run, a plan looks at more contacts."""

from __future__ import annotations

import json
from hashlib import sha256

from nurture_cli.campaign.model import Campaign
from nurture_cli.planner.world import World


def enter_hash(campaign: Campaign) -> str:
    """The fingerprint of an entry rule; an edited one is asked of the whole list, as that of a new campaign is."""
    enter = campaign.enter
    text = f"{enter.condition.text}\0{enter.again}\0{enter.every.text if enter.every else ''}"
    return _short(text)


def run_hash(world: World, campaign: Campaign) -> str:
    """The fingerprint of everything that decides about contacts inside a campaign, but for asset texts."""
    config = world.config.hash
    assets = sorted(
        f"{asset.name}\0{asset.family}\0{asset.channel}\0{asset.expires}\0{asset.roles}"
        for asset in world.assets.values()
    )
    return _short("\0".join((campaign.hash, config, *assets)))


def scoring_hash(world: World) -> str:
    """The fingerprint of everything that fit and interest are worked out with."""
    funnel = world.config.funnel
    segments = sorted(f"{segment.name}\0{segment.condition.text}" for segment in world.config.segments.values())
    parts = [*(f"{rule.condition.text}\0{rule.points}" for rule in funnel.fit), repr(funnel.interest), *segments]
    return _short("\1".join(parts))


def criteria_hashes(world: World) -> str:
    """The fingerprints of the criteria, as JSON: one for each stage, and under '' one of what all stages share."""
    funnel = world.config.funnel
    gates = [(one.name, one.criteria.text if one.criteria and one.is_gate else "") for one in funnel.stages]
    shared = [scoring_hash(world), repr(funnel.grades), repr(gates), repr(funnel.sales and funnel.sales.won)]
    known = {"": _short("\1".join(shared))}
    known |= {one.name: _short(f"{one.criteria.text}\0{one.handoff}") for one in funnel.stages if one.criteria}
    return json.dumps(known, sort_keys=True)


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
