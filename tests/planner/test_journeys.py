"""Over weeks of runs in random worlds the planner and a plain interpreter send the same things at the same times."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings

from nurture_cli.campaign.model import Campaign
from nurture_cli.language.time_dependence import becomes_true_by_time
from nurture_cli.planner.plan import Planner
from nurture_cli.project import Project
from nurture_cli.records import Contact, Event
from nurture_cli.runner.rehearse import rehearse
from nurture_cli.store.create import scratch
from nurture_cli.store.database import Connection
from tests.examples import examples
from tests.reference.campaigns import HALF_DAY, START, Happening, Person, Story, stories
from tests.reference.journeys import Sent, World

many = settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))


def add_person(db: Connection, world: World, number: int, person: Person, at: int, company: str | None = None) -> None:
    """The same new contact on both sides."""
    contact = Contact(
        id=number, email=f"p{number}@people.example", address_hash=number.to_bytes(16, "big"), stage=person.stage,
        stage_at=at, zone=person.zone, role=person.role, consent=person.consent, consent_basis="form",
        consent_source="site", company=company, created_at=at,
    )  # fmt: skip
    world.contacts[number] = contact
    db.execute(
        "INSERT INTO contact (id, email, address_hash, stage, stage_at, zone, role, consent, consent_basis,"
        " consent_source, company, created_at, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            number, contact.email, contact.address_hash, contact.stage, at, contact.zone, contact.role,
            contact.consent, "form", "site", company, at, at,
        ),
    )  # fmt: skip


def add_happening(db: Connection, world: World, number: int, what: Happening, at: int) -> None:
    """The same event on both sides."""
    world.events.append(Event(number, what.contact, what.kind, what.asset, at, "test"))
    db.execute(
        "INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key) VALUES (?,?,?,?,?,'test',?)",
        (what.contact, what.kind, what.asset, at, at, str(number)),
    )


def project_of(story: Story) -> Project:
    return Project(
        root=Path("/nowhere"), config=story.config, campaigns=story.campaigns, assets=story.assets, diagnostics=(),
        sources={}, hash="", fingerprint="",
    )  # fmt: skip


def ends_by_time(campaign: Campaign) -> bool:
    """Whether the passing of time alone brings contacts out of a campaign."""
    ways = (campaign.exit, campaign.goal.condition if campaign.goal else None)
    return any(way is not None and becomes_true_by_time(way.body) for way in ways)


def without(counts: dict[str, int], names: tuple[str, ...]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if name not in names}


@given(stories())
@many
def test_the_planner_sends_what_the_plain_interpreter_sends(story: Story) -> None:
    db = scratch(START)
    world = World(story.config, story.campaigns, story.assets)
    planner = Planner(project_of(story), db)
    for half in range(max(story.runs) + 1):
        at = START + half * HALF_DAY
        for number, person in enumerate(story.people, 1):
            if person.when == half:
                add_person(db, world, number, person, at - 60)
        for number, what in enumerate(story.happenings):
            if what.when == half and what.contact in world.contacts:
                add_happening(db, world, number, what, at - 30)
        if half not in story.runs:
            continue
        plan = rehearse(planner, at)
        planned = [Sent(d.contact_id, d.campaign, d.step, d.asset, at) for d in plan.due()]
        expected, held = world.run(at)

        assert planned == expected
        # What an earlier run left held is told by the plan; the interpreter looks at everybody anew. Whom nothing but a
        # change can free, and time alone brings out, is looked at when something changes.
        loose = ("paused", "no-consent") if any(map(ends_by_time, story.campaigns.values())) else ()
        assert without(plan.counts.held_by_reason, loose) == without(held, loose)
    db.close()
