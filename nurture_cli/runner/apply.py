"""Writes down what a plan decided: moves, decisions, entries, holds. `send.py` writes the touches.

It is one transaction. Contacts that changed after the plan's snapshot are left out: the next run looks at them again.
Afterwards every enrollment with something due is at its step, so a crash from here on loses nothing.
"""

from __future__ import annotations

from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.fingerprints import enter_hash, run_hash
from nurture_cli.planner.plan import Plan
from nurture_cli.planner.tables import about_contacts
from nurture_cli.planner.tokens import ENDED, EXHAUSTED, RESTS, STUCK, WAITS, WANTS
from nurture_cli.planner.wakes import NEVER, are_known, next_look, wakes_hash
from nurture_cli.planner.world import BRIEF, END
from nurture_cli.records import CORE_TEXT_FIELDS
from nurture_cli.runner.apply_funnel import apply_funnel, funnel_differs
from nurture_cli.store.database import Connection, writing
from nurture_cli.store.faults import not_as_left
from nurture_cli.store.seals import broken_contacts, broken_places, seal_places

# The columns of a contact that a campaign's steps may set.
SETTABLE = tuple(name for name in CORE_TEXT_FIELDS if name not in ("email", "stage", "zone", "consent"))

OUTCOME = f"""
INSERT INTO temp.outcome
SELECT t.tid, iif(t.tid < 0, :newest - t.tid, t.tid) AS eid, t.cid, k.name AS campaign, t.pass, t.entered,
  iif(t.doing = {ENDED}, :now, NULL) AS ended_at, t.ended AS end_reason,
  CASE t.doing WHEN {WAITS} THEN 'waiting' WHEN {RESTS} THEN 'resting' WHEN {EXHAUSTED} THEN 'exhausted'
       WHEN {ENDED} THEN 'ended' ELSE iif(q.held IS NULL, 'moving', 'held') END AS state,
  t.sequence AS sequence,
  iif(n.kind = '{END}' OR n.node IS NULL, t.last_step, n.step) AS step,
  CASE WHEN n.kind = '{END}' THEN 1 WHEN n.node IS NULL THEN t.done_before ELSE 0 END AS step_done,
  t.hop - CASE WHEN n.kind = '{END}' THEN 1 WHEN n.node IS NULL THEN t.done_before ELSE 0 END AS hop,
  t.items_sent, t.anchor,
  iif(t.doing IN ({WAITS}, {WANTS}), t.due, NULL) AS due_at,
  CASE WHEN t.doing = {WAITS} THEN t.wake
       WHEN t.doing = {ENDED} THEN t.entered + k.again_after
       WHEN t.doing = {WANTS} AND q.held IS NULL THEN :now
       WHEN t.doing = {WANTS} THEN min(coalesce(q.until, a.expires), coalesce(a.expires, q.until)) END AS wake_at,
  iif(t.doing IN ({WANTS}, {STUCK}), q.held, NULL) AS held_reason,
  CASE WHEN t.doing IN ({WANTS}, {STUCK}) AND q.held IS NOT NULL
       THEN iif(q.held = t.held, t.held_since, :now) END AS held_since,
  iif(t.doing = {WANTS}, q.until, NULL) AS held_until
FROM temp.token t
JOIN temp.campaign k ON k.campaign_id = t.campaign_id
LEFT JOIN temp.node n ON n.node = t.node
LEFT JOIN temp.candidate q ON q.tid = t.tid
LEFT JOIN temp.asset a ON a.name = q.asset
"""

PLACE = (
    "state, sequence, step, step_done, hop, items_sent, anchor_at, due_at, wake_at, held_reason, held_since,"
    " held_until, ended_at, end_reason"
)
DECIDED = (
    "o.state, iif(o.state = 'resting', NULL, o.sequence), iif(o.state = 'resting', NULL, o.step), o.step_done, o.hop,"
    " o.items_sent, o.anchor, o.due_at, o.wake_at, o.held_reason, o.held_since, o.held_until, o.ended_at, o.end_reason"
)


def apply_plan(plan: Plan) -> int:
    """Write down a plan; returns the newest change that its decisions know of (for the look before each send)."""
    db, now = plan.db, {"now": plan.at}
    with writing(db):
        _refuse_damage(db)
        _leave_out_changed(plan)
        newest = db.execute("SELECT coalesce(max(id), 0) FROM main.enrollment").fetchone()[0]
        db.execute("DELETE FROM temp.outcome")
        db.execute(OUTCOME, now | {"newest": newest})
        _write_contacts(db, plan.at)
        _write_enrollments(db, plan.at)
        _write_decisions(db, plan.at)
        _write_bookmarks(db)
        _write_requests(db, plan.at)
        _write_campaigns(plan)
        apply_funnel(plan)
        _write_wakes(plan)
        db.execute("DELETE FROM main.change WHERE id <= ?", (plan.snapshot.change,))
        db.execute(
            "UPDATE main.instance SET contact_cursor = ? WHERE contact_cursor < ?",
            (plan.snapshot.contact, plan.snapshot.contact),
        )
        # Entered contacts have their enrollment now, so that `plan.due()` names it.
        db.execute("UPDATE temp.candidate AS q SET tid = o.eid FROM temp.outcome o WHERE o.tid = q.tid AND q.tid < 0")
        db.execute(
            "UPDATE temp.candidate AS q SET hid = h.id FROM main.handoff h"
            f" WHERE h.contact_id = q.cid AND h.closed_at IS NULL AND q.hid IS NULL AND q.asset = '{BRIEF}'"
        )
        db.execute("UPDATE temp.token AS t SET tid = o.eid FROM temp.outcome o WHERE o.tid = t.tid AND t.tid < 0")
        cursor: int = db.execute("SELECT coalesce(max(id), 0) FROM main.change").fetchone()[0]
    return max(cursor, plan.snapshot.change)


def needs_applying(plan: Plan) -> bool:
    """Whether a plan decided anything at all, or saw anything new."""
    return (
        bool(
            plan.db.execute(
                "SELECT EXISTS (SELECT 1 FROM temp.token) OR EXISTS (SELECT 1 FROM temp.dirty)"
                " OR EXISTS (SELECT 1 FROM temp.asked) OR EXISTS (SELECT 1 FROM temp.passing)"
                " OR EXISTS (SELECT 1 FROM temp.standing) OR EXISTS (SELECT 1 FROM temp.brief)"
            ).fetchone()[0]
        )
        or bool(_seen_differs(plan))
        or funnel_differs(plan)
        or not are_known(plan.db, plan.world)
    )


def _refuse_damage(db: Connection) -> None:
    """Refuse to go on from rows that nurture did not write: what follows from them would get a seal."""
    for id in broken_places(db, "SELECT tid FROM temp.token WHERE tid > 0"):
        raise not_as_left(f"enrollment {id}")
    for id in broken_contacts(db, "SELECT id FROM temp.contact_now WHERE touched = 1"):
        raise not_as_left(f"contact {id}")


def _leave_out_changed(plan: Plan) -> None:
    changed = "SELECT contact_id FROM main.change WHERE id > ?"
    if not plan.db.execute(f"SELECT EXISTS ({changed})", (plan.snapshot.change,)).fetchone()[0]:
        return
    for table in about_contacts():
        plan.db.execute(f"DELETE FROM temp.{table} WHERE cid IN ({changed})", (plan.snapshot.change,))
    plan.db.execute(f"DELETE FROM temp.standing WHERE contact_id IN ({changed})", (plan.snapshot.change,))
    plan.db.execute(f"DELETE FROM temp.contact_now WHERE id IN ({changed})", (plan.snapshot.change,))
    plan.db.execute("DELETE FROM temp.log WHERE tid NOT IN (SELECT tid FROM temp.token)")
    plan.db.execute("DELETE FROM temp.shelf WHERE tid NOT IN (SELECT tid FROM temp.token)")


def _write_contacts(db: Connection, at: int) -> None:
    fields = ", ".join(f"{name} = planned.{name}" for name in SETTABLE)
    db.execute(
        "UPDATE main.contact AS c SET stage = planned.stage, stage_at = planned.stage_at,"
        f" furthest_stage = planned.furthest_stage, fields = planned.fields, {fields},"
        " updated_at = ? FROM temp.contact_now planned WHERE planned.id = c.id AND planned.touched = 1",
        (at,),
    )
    db.execute(
        "INSERT INTO main.stage_move (contact_id, from_stage, to_stage, at, cause, version, facts)"
        " SELECT cid, old, new, ?, cause, version, facts FROM temp.stage_change ORDER BY n",
        (at,),
    )
    db.execute("INSERT OR IGNORE INTO main.contact_tag SELECT cid, tag FROM temp.tag_delta WHERE present = 1")
    db.execute(
        "DELETE FROM main.contact_tag WHERE (contact_id, tag) IN"
        " (SELECT cid, tag FROM temp.tag_delta WHERE present = 0)"
    )
    db.execute("INSERT OR REPLACE INTO main.assignment SELECT cid, split, arm, ? FROM temp.assign", (at,))


def _write_enrollments(db: Connection, at: int) -> None:
    db.execute(  # an earlier pass need not wake a contact that this plan looked at
        "UPDATE main.enrollment SET wake_at = NULL WHERE ended_at IS NOT NULL AND wake_at IS NOT NULL"
        " AND wake_at <= ? AND contact_id IN (SELECT cid FROM temp.dirty)",
        (at,),
    )
    db.execute(
        f"INSERT INTO main.enrollment (id, contact_id, campaign, pass, entered_at, arrived_at, digest, {PLACE})"
        f" SELECT o.eid, o.cid, o.campaign, o.pass, o.entered, o.anchor, 0, {DECIDED}"
        " FROM temp.outcome o WHERE o.tid < 0 ORDER BY o.eid"
    )
    db.execute(
        f"""
        UPDATE main.enrollment AS e SET ({PLACE}) = ({DECIDED}), digest = 0,
          arrived_at = iif(e.hop = o.hop, e.arrived_at, o.anchor)
        FROM temp.outcome o
        WHERE o.eid = e.id AND o.tid > 0 AND ({", ".join("e." + column.strip() for column in PLACE.split(","))})
              IS NOT ({DECIDED})
        """
    )
    seal_places(db, "SELECT eid FROM temp.outcome")
    db.execute(  # a touch that was deferred or failed is not tried again once the contact has left its step
        """
        UPDATE main.touch AS x SET state = 'skipped', reason = 'the contact left the step', at = ?
        FROM temp.outcome o
        WHERE x.enrollment_id = o.eid AND o.tid > 0 AND x.state IN ('planned', 'failed')
          AND (o.state = 'ended' OR x.hop <> o.hop)
        """,
        (at,),
    )


def _write_decisions(db: Connection, at: int) -> None:
    db.execute(
        "INSERT OR IGNORE INTO main.decision (enrollment_id, hop, kind, step, outcome, campaign_hash, at)"
        " SELECT o.eid, 0, 'entered', '', o.campaign, k.hash, ? FROM temp.outcome o"
        " JOIN temp.campaign k ON k.name = o.campaign WHERE o.tid < 0 ORDER BY o.eid",
        (at,),
    )
    db.execute(
        "INSERT OR IGNORE INTO main.decision (enrollment_id, hop, kind, step, outcome, facts, campaign_hash, at)"
        " SELECT o.eid, l.hop, l.kind, l.step, l.outcome, l.facts, k.hash, ? FROM temp.log l"
        " JOIN temp.outcome o ON o.tid = l.tid JOIN temp.campaign k ON k.name = o.campaign ORDER BY l.n",
        (at,),
    )


def _write_bookmarks(db: Connection) -> None:
    db.execute(
        "DELETE FROM main.bookmark WHERE (enrollment_id, sequence) IN"
        " (SELECT eid, sequence FROM temp.outcome WHERE sequence IS NOT NULL AND tid > 0)"
    )
    db.execute(
        "INSERT OR REPLACE INTO main.bookmark"
        " SELECT o.eid, s.sequence, s.step, s.done, s.items_sent, s.anchor, s.anchor FROM temp.shelf s"
        " JOIN temp.outcome o ON o.tid = s.tid WHERE o.sequence IS NOT s.sequence"
    )


def _write_requests(db: Connection, at: int) -> None:
    db.execute(
        "UPDATE main.request AS r SET state = substr(z.closes, 1, instr(z.closes, ':') - 1), closed_at = ?,"
        " closed_why = substr(z.closes, instr(z.closes, ':') + 2), held_reason = NULL, held_since = NULL,"
        " held_until = NULL FROM temp.asked z WHERE z.rid = r.id AND z.closes IS NOT NULL",
        (at,),
    )
    wake = "iif(q.held IS NULL, r.requested_at, min(coalesce(q.until, a.expires), coalesce(a.expires, q.until)))"
    db.execute(
        f"""
        UPDATE main.request AS r SET held_reason = q.held, held_until = q.until, wake_at = {wake},
          held_since = CASE WHEN q.held IS NULL THEN NULL WHEN q.held = r.held_reason THEN r.held_since ELSE :now END
        FROM temp.candidate q JOIN temp.asset a ON a.name = q.asset
        WHERE q.rid = r.id AND (r.held_reason, r.held_until, r.wake_at) IS NOT (q.held, q.until, {wake})
        """,
        {"now": at},
    )


def _write_campaigns(plan: Plan) -> None:
    db, at = plan.db, plan.at
    db.execute(
        "INSERT OR IGNORE INTO main.passed_over SELECT k.name, p.cid, ? FROM temp.passing p"
        " JOIN temp.campaign k ON k.campaign_id = p.campaign_id",
        (at,),
    )
    db.execute(
        "DELETE FROM main.passed_over WHERE (campaign, contact_id) IN"
        " (SELECT k.name, p.cid FROM temp.unpassing p JOIN temp.campaign k ON k.campaign_id = p.campaign_id"
        "  UNION ALL SELECT campaign, cid FROM temp.outcome WHERE tid < 0)"
    )
    for name, entering, running in _seen_differs(plan):
        db.execute(
            "INSERT INTO main.campaign_seen VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " enter_hash = excluded.enter_hash, file_hash = excluded.file_hash, seen_at = excluded.seen_at",
            (name, at, entering, running, at),
        )


def _write_wakes(plan: Plan) -> None:
    """Store the next instant of each contact that the plan looked at; of everybody where the files say it anew."""
    db, world = plan.db, plan.world
    among = "c.id IN (SELECT cid FROM temp.dirty)"
    if not are_known(db, world):
        db.execute("UPDATE main.instance SET wakes = ?", (wakes_hash(world),))
        db.execute("DELETE FROM main.contact_wake")
        among = "1"
    parameters = Parameters(now=plan.at)
    instant = next_look(world, parameters)
    if instant is None:
        return
    db.execute(
        f"INSERT OR REPLACE INTO main.contact_wake SELECT c.id, {instant} FROM main.contact c WHERE {among}", parameters
    )
    db.execute("DELETE FROM main.contact_wake WHERE at = ?", (NEVER,))


def _seen_differs(plan: Plan) -> list[tuple[str, str, str]]:
    seen = {
        name: (entering, running)
        for name, entering, running in plan.db.execute("SELECT name, enter_hash, file_hash FROM main.campaign_seen")
    }
    present = [(c.name, enter_hash(c), run_hash(plan.world, c)) for c in plan.world.campaigns]
    return [row for row in present if seen.get(row[0]) != row[1:]]
