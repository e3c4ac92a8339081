"""Why a contact did, or did not, get something: their place in each campaign, and one verdict for each asset.

Reads the plan that the planner makes for this one contact, looking at each of its enrollments, and asks the same
compiled conditions as columns.
"""

from __future__ import annotations

from dataclasses import dataclass

from nurture_cli.explain.barred import Barred, barred
from nurture_cli.explain.funnel import Course, course_of
from nurture_cli.explain.one_contact import plan_of_one
from nurture_cli.explain.story import Past, story_of
from nurture_cli.explain.verdicts import AssetVerdict, verdicts
from nurture_cli.explain.whereabouts import Whereabouts, whereabouts
from nurture_cli.planner.plan import Tell, nobody_listens
from nurture_cli.planner.planned_contacts import copy_contacts
from nurture_cli.project import Project
from nurture_cli.store.database import Connection


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that `explain` says about one contact at instant `at`."""

    contact_id: int
    email: str
    stage: str
    zone: str
    at: int
    places: tuple[Whereabouts, ...]
    assets: tuple[AssetVerdict, ...]
    past: tuple[Past, ...]
    course: Course
    barred: Barred | None  # what keeps every message from the contact


def explain(project: Project, db: Connection, at: int, contact_id: int, tell: Tell = nobody_listens) -> Explanation:
    """Explain one contact at instant `at`; the contact must exist."""
    plan = plan_of_one(project, db, at, contact_id, tell)
    copy_contacts(db, str(int(contact_id)))
    email, stage, zone = db.execute(
        "SELECT email, stage, zone FROM main.contact WHERE id = ?", (contact_id,)
    ).fetchone()
    zone = zone or plan.world.zone
    bar = barred(db, contact_id, at, zone)
    places = tuple(whereabouts(plan, campaign_id, contact_id, bar) for campaign_id in range(len(plan.world.campaigns)))
    return Explanation(
        contact_id,
        email,
        stage,
        zone,
        at,
        places,
        tuple(verdicts(plan, contact_id, places, bar)),
        tuple(story_of(db, contact_id)),
        course_of(plan, contact_id, zone),
        bar,
    )
