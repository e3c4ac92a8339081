"""A contact who does not exist, to show mails before there are contacts."""

from __future__ import annotations

from nurture_cli.campaign.model import Asset, Config
from nurture_cli.keys import NOBODY
from nurture_cli.language.expression import Type
from nurture_cli.message.record import today
from nurture_cli.records import Contact, Value

NAME = ("Alex", "Sample")
ADDRESS = "alex@sample.example"


def sample_contact(config: Config, asset: Asset, at: int) -> Contact:
    """A contact with a value for every fact, in the stage, role and language that the asset is written for."""
    date = today(at, None, config.zone)
    values: dict[Type, Value] = {Type.TEXT: "sample", Type.NUMBER: 100, Type.BOOLEAN: True, Type.DATE: date}
    first_name, last_name = NAME
    return Contact(
        id=0,  # that no contact has
        email=ADDRESS,
        address_hash=NOBODY,
        stage=asset.stages[0] if asset.stages else config.stages[0],
        stage_at=at,
        first_name=first_name,
        last_name=last_name,
        company="Sample Company",
        job_title="Head of Operations",
        role=asset.roles[0] if asset.roles else "decision-maker",
        phone="+49 30 901820",
        country="DE",
        language=asset.language or (config.languages[0] if config.languages else None),
        source="sample",
        zone=config.zone,
        consent="express",
        consent_basis="sample",
        consent_source="sample",
        fields={name: values[kind] for name, kind in config.fields.items()},
    )
