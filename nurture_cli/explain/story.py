"""The story of a contact: everything that happened, was decided, sent or answered, in order of time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nurture_cli.store.database import Connection
from nurture_cli.store.queries import queries

SeenFacts = Mapping[str, str | int | float | None]


@dataclass(frozen=True, slots=True)
class Past:
    """One thing that was decided, sent or received, for the story of the contact."""

    at: int
    kind: str  # event, alert, stage, hand-off, recycling, decision, touch
    campaign: str
    step: str
    text: str
    facts: SeenFacts


def story_of(db: Connection, contact_id: int) -> Iterator[Past]:
    """Everything about a contact, oldest first."""
    for at, kind, campaign, step, text, facts, _, _ in db.execute(queries("story")["story"], {"contact": contact_id}):
        yield Past(at, kind, campaign, step, text, json.loads(facts))
