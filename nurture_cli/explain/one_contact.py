"""The plan for one contact, which shares the limits of the channels with everybody else."""

from __future__ import annotations

from nurture_cli.planner.limits import channel_room
from nurture_cli.planner.plan import Plan, Planner, Tell
from nurture_cli.project import Project
from nurture_cli.reasons import Hold
from nurture_cli.store.database import Connection


def plan_of_one(project: Project, db: Connection, at: int, contact_id: int, tell: Tell) -> Plan:
    """A plan that looks at one contact alone, with each of its enrollments.

    Where the contact has something due through a channel with a limit, the plan for everybody is made too: it tells
    whether the messages of others use that limit up first.
    """
    planner = Planner(project, db, tell)
    plan = planner.plan(at, only=contact_id)
    if not _due_within_a_limit(plan):
        return plan
    planner.plan(at)
    of_this_contact = "SELECT key FROM temp.candidate WHERE cid = ? AND held = ?"
    left_out = db.execute(of_this_contact, (contact_id, Hold.CHANNEL_LIMIT)).fetchall()
    plan = planner.plan(at, only=contact_id)
    for (key,) in left_out:
        db.execute("UPDATE temp.candidate SET held = ? WHERE key = ?", (Hold.CHANNEL_LIMIT, key))
    return plan


def _due_within_a_limit(plan: Plan) -> bool:
    channels = plan.db.execute("SELECT DISTINCT channel FROM temp.candidate WHERE held IS NULL").fetchall()
    return any(channel_room(plan.db, plan.world, channel, plan.at) is not None for (channel,) in channels)
