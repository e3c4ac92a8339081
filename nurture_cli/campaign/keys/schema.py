"""All keys of all files together, for the reference, and as JSON Schema for editors.

Each key is declared once, in a file of this folder; the parser, its messages, the JSON Schema and the reference are
all made from there.
"""

from __future__ import annotations

from typing import Literal

from nurture_cli.campaign.keys.asset import ASSET
from nurture_cli.campaign.keys.blocks import Block
from nurture_cli.campaign.keys.campaign import CAMPAIGN, ENTER, EXIT, GOAL, PACE, RULE
from nurture_cli.campaign.keys.funnel import (
    AGREEMENT,
    BACK,
    FIT_RULE,
    GRADES,
    INTEREST,
    SALES_BLOCK,
    SIGNAL,
    STAGE,
    TRACK,
)
from nurture_cli.campaign.keys.kinds import JsonSchema
from nurture_cli.campaign.keys.project import CHANNELS, LIMITS, PROJECT, SENDER, UNSUBSCRIBE
from nurture_cli.campaign.keys.step import ARM, ELSE, SPLIT_ARM, SPLIT_PLAN, STREAM_ITEM, VERBS

Which = Literal["campaign", "project", "asset"]

BLOCKS: dict[Which, tuple[Block, ...]] = {
    "project": (
        *(PROJECT, SENDER, UNSUBSCRIBE, LIMITS),
        *(STAGE, BACK, AGREEMENT, FIT_RULE, INTEREST, GRADES, SALES_BLOCK, TRACK, SIGNAL),
        *CHANNELS.values(),
    ),
    "campaign": (
        *(CAMPAIGN, ENTER, EXIT, GOAL, PACE),
        *VERBS.values(),
        *(STREAM_ITEM, ARM, ELSE, SPLIT_PLAN, SPLIT_ARM, RULE),
    ),
    "asset": (ASSET,),
}


def json_schema(which: Which) -> JsonSchema:
    """The JSON Schema (draft 7) of a campaign file, of nurture.yml, or of the front matter of an asset."""
    block = BLOCKS[which][0]
    schema: JsonSchema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        **block.json(),
    }
    if which == "campaign":
        steps = [step.json() for step in VERBS.values()]
        schema["definitions"] = {"steps": {"type": "array", "items": {"anyOf": steps}}}
    return schema
