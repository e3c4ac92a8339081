"""Fit, interest and company of contacts, brought up to date for a plan: `temp.standing` goes before `main.standing`.

They are worked out for contacts about whom something changed, and for everybody only when the rules of `fit:` and
`interest:` were edited.
"""

from __future__ import annotations

import json

from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.compile import compile_condition
from nurture_cli.planner.fading import COLD, heat_sql, part_sql
from nurture_cli.planner.scores import NOW, part_left
from nurture_cli.planner.world import World
from nurture_cli.store.database import Connection

DAY = 86400
COLUMNS = "contact_id, fit, fit_why, heat, responses, company, weight"


def load_standing(db: Connection, world: World, at: int, *, among: str | None = None) -> None:
    """Work out the standing of everybody, or of the contacts `among` (SQL that selects ids), at instant `at`."""
    _warm(db, world, at, among)
    funnel = world.config.funnel
    parameters = Parameters(now=at)
    rules = [
        (
            compile_condition(rule.condition.body, world.scope, parameters),
            rule.points,
            json.dumps({"points": rule.points, "for": rule.condition.text}, ensure_ascii=False),
        )
        for rule in funnel.fit
    ]
    fit = " + ".join(f"{number} * {holds}" for holds, number, _ in rules) or "0"
    why = " || ".join(f"iif({holds}, {parameters.bind(',' + text)}, '')" for holds, _, text in rules) or "''"
    weights = "".join(
        f" WHEN {parameters.bind(role)} THEN {parameters.bind(weight)}"
        for role, weight in funnel.interest.roles.items()
    )
    weight = f"CASE c.role{weights} ELSE 1.0 END" if weights else "1.0"
    some = "" if among is None else f" WHERE c.id IN ({among})"
    db.execute(
        f"""
        INSERT INTO temp.standing ({COLUMNS})
        SELECT c.id, {fit}, '[' || ltrim({why}, ',') || ']', coalesce(w.heat, {COLD}), coalesce(w.responses, 0),
               nullif(lower(trim(c.company)), ''), {weight}
        FROM main.contact c LEFT JOIN temp.warmth w ON w.cid = c.id{some}
        """,
        parameters,
    )


def _warm(db: Connection, world: World, at: int, among: str | None) -> None:
    """Work out the heat of contacts who responded; of responses of one kind on one day, only the first ones count."""
    some = "" if among is None else f" AND r.contact_id IN ({among})"
    recycled = db.execute("SELECT EXISTS (SELECT 1 FROM main.recycling WHERE interest <> 'keep')").fetchone()[0]
    left = part_left("r", "r.contact_id", NOW) if recycled else "1.0"
    # By index, contact by contact: a window function would sort all events.
    before = f"""
        SELECT 1 FROM main.event f INDEXED BY event_fact
        WHERE f.contact_id = r.contact_id AND f.kind = r.kind AND f.machine = 0
          AND f.at >= r.at / {DAY} * {DAY} AND f.at <= r.at AND (f.at < r.at OR f.id < r.id)
        LIMIT :most"""
    db.execute(
        f"""
        INSERT INTO temp.warmth (cid, heat, responses)
        SELECT contact_id, {heat_sql("total", NOW, ":half_life")}, responses FROM (
          SELECT r.contact_id, sum(p.points * {part_sql("r", NOW, ":half_life")} * {left}) AS total,
                 sum({left} > 0) AS responses
          FROM main.event r INDEXED BY event_fact CROSS JOIN temp.points p ON p.kind = r.kind
          WHERE r.machine = 0 AND r.at <= :now{some} AND (SELECT count(*) FROM ({before})) < p.per_day
          GROUP BY r.contact_id)
        """,
        {
            "now": at,
            "half_life": float(world.config.funnel.interest.half_life),
            "most": max(world.config.funnel.interest.per_day.values(), default=0),
        },
    )
