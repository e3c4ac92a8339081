"""Writes down what a plan decided about the funnel: scores, signals, hand-offs, returns and tasks.

It is part of the one transaction of `apply.py`, which has taken contacts that changed after the plan's snapshot out of
these tables.
"""

from __future__ import annotations

from nurture_cli.campaign.channels import Task
from nurture_cli.planner.bound import COUNTED_STATES
from nurture_cli.planner.fingerprints import criteria_hashes, scoring_hash
from nurture_cli.planner.plan import Plan
from nurture_cli.planner.standing import COLUMNS
from nurture_cli.store.database import Connection
from nurture_cli.store.seals import STANDING

DAY = 86400

# How well Marketing knew the contact: `new` for a season, later by whether it responded in the half year before the
# month in which it became a lead.
SORT = f"""
CASE WHEN c.created_at > :now - {90 * DAY} AND NOT EXISTS (SELECT 1 FROM main.handoff o WHERE o.contact_id = c.id)
     THEN 'new'
     WHEN EXISTS (SELECT 1 FROM main.event e WHERE e.contact_id = c.id AND e.machine = 0
                  AND e.kind IN (SELECT kind FROM temp.points)
                  AND e.at > :now - {210 * DAY} AND e.at <= :now - {30 * DAY})
     THEN 'known-active' ELSE 'known-passive' END
"""

NAME = "coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, '')"


def apply_funnel(plan: Plan) -> None:
    """Write down scores, signals, hand-offs, returns and tasks; inside the transaction of the plan."""
    db, at = plan.db, plan.at
    _write_standings(db)
    db.execute("UPDATE main.handoff AS h SET state = 'won', closed_at = ? FROM temp.sold s WHERE s.hid = h.id", (at,))
    db.execute(
        f"""
        INSERT INTO main.handoff (contact_id, at, cause, stage, version, sort)
        SELECT h.cid, :now, h.cause, h.stage, :version, {SORT}
        FROM temp.handing h JOIN main.contact c ON c.id = h.cid ORDER BY h.cid
        """,
        {"now": at, "version": plan.world.config.funnel.version},
    )
    if told_by_task(plan):
        _tell_by_task(db, at)
    db.execute(
        "INSERT INTO main.alert (contact_id, signal, at, history, facts)"
        " SELECT cid, signal, ?, history, facts FROM temp.alert",
        (at,),
    )
    db.execute(
        "INSERT OR IGNORE INTO main.task (key, contact_id, title, body, made_at)"
        " SELECT key, cid, title, body, ? FROM temp.todo ORDER BY key",
        (at,),
    )
    db.execute(
        "UPDATE main.recycling AS g SET closed_at = ?, closed_why = back.why"
        " FROM temp.comeback back WHERE back.recycling_id = g.id",
        (at,),
    )
    if funnel_differs(plan):
        db.execute(
            "INSERT INTO main.funnel_seen VALUES (1, ?, ?, ?) ON CONFLICT (one) DO UPDATE SET"
            " scoring = excluded.scoring, criteria = excluded.criteria, at = excluded.at",
            (scoring_hash(plan.world), criteria_hashes(plan.world), at),
        )


def told_by_task(plan: Plan) -> bool:
    """Whether a hand-off reaches Sales as a task, which needs no delivery."""
    sales = plan.world.config.funnel.sales
    return sales is not None and isinstance(plan.world.config.channels[sales.channel].settings, Task)


def _tell_by_task(db: Connection, at: int) -> None:
    """Make a task for each hand-off that Sales does not know of yet.

    If its brief may have left by a channel that carried briefs before, the task waits until that is known.
    """
    key = "'handoff/' || b.cid || '/' || b.number"
    untold = f"""
        FROM temp.brief b JOIN main.contact c ON c.id = b.cid
        JOIN main.handoff h ON h.contact_id = b.cid AND h.briefed_at IS NULL AND h.closed_at IS NULL
        WHERE NOT EXISTS (
          SELECT 1 FROM main.touch x WHERE x.key = {key} AND x.{COUNTED_STATES})
        """
    db.execute(
        f"""
        INSERT OR IGNORE INTO main.task (key, contact_id, title, body, made_at)
        SELECT {key}, c.id,
               'Talk to ' || coalesce(nullif(trim({NAME}), ''), c.email) || coalesce(', ' || c.company, ''),
               'A lead for Sales. The whole story: nurture sales brief ' || c.email, :now {untold} ORDER BY c.id
        """,
        {"now": at},
    )
    db.execute(
        f"UPDATE main.handoff SET briefed_at = :now WHERE id IN (SELECT h.id {untold})",
        {"now": at},
    )


def _write_standings(db: Connection) -> None:
    columns = [name.strip() for name in COLUMNS.split(",")][1:]
    assigned = ", ".join(f"{name} = excluded.{name}" for name in columns)
    old, new = (", ".join(f"{row}.{name}" for name in columns) for row in ("standing", "excluded"))
    db.execute(
        f"INSERT INTO main.standing ({COLUMNS}, digest) SELECT {COLUMNS}, {STANDING}"
        " FROM temp.standing WHERE true ORDER BY contact_id"
        f" ON CONFLICT (contact_id) DO UPDATE SET {assigned}, digest = excluded.digest WHERE ({old}) IS NOT ({new})"
    )


def funnel_differs(plan: Plan) -> bool:
    """Whether the rules of the funnel have changed since everybody was last judged."""
    seen = plan.db.execute("SELECT scoring, criteria FROM main.funnel_seen").fetchone()
    return seen is None or tuple(seen) != (scoring_hash(plan.world), criteria_hashes(plan.world))
