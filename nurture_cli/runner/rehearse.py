"""What a run does in a world that sends nothing: whatever is due counts as sent at that instant, set by set.

For days that are only played through: the plan is made and applied as by a run, and the ledger is kept; what is left
out is rendering and delivery. So no text fails, and a task channel makes no to-do.
"""

from __future__ import annotations

from nurture_cli.planner.plan import ORDER_OF_DUE, Plan, Planner, reason_of
from nurture_cli.runner.apply import apply_plan, needs_applying
from nurture_cli.store.database import Connection, writing
from nurture_cli.store.ledger import digest_of
from nurture_cli.store.runs import begin_run, finish_run

DUE = """
FROM temp.candidate q
JOIN temp.asset a ON a.name = q.asset
LEFT JOIN temp.campaign k ON k.campaign_id = q.campaign_id
LEFT JOIN temp.node n ON n.node = q.node
WHERE q.held IS NULL
"""
KIND = "coalesce(n.kind, iif(q.rid IS NULL, 'brief', 'request'))"
WHAT = (
    "q.key, q.cid, q.tid, q.rid, q.hid, coalesce(k.name, ''), coalesce(n.step, ''), q.hop, q.asset, q.family, q.scope,"
    f" q.key, q.channel, q.reaches, {KIND} = 'stream', q.due, coalesce(k.hash, '')"
)

CLAIM = f"""
INSERT INTO main.touch (
  key, contact_id, enrollment_id, request_id, handoff_id, campaign, step, hop, asset, family, once_scope, message_id,
  channel, reaches_contact, stream, due_at, campaign_hash, digest, state, counted, reason, at, asset_hash, run_id
)
SELECT {WHAT}, touch_digest({WHAT}), 'claimed', 1, reason_of({KIND}, k.name, n.step), :at, a.hash, :run
{DUE} ORDER BY {ORDER_OF_DUE}
ON CONFLICT (key) DO UPDATE SET
  state = 'claimed', at = excluded.at, reason = excluded.reason, next_try_at = NULL, run_id = excluded.run_id,
  due_at = excluded.due_at, step = excluded.step, asset = excluded.asset, family = excluded.family,
  once_scope = excluded.once_scope, channel = excluded.channel, reaches_contact = excluded.reaches_contact,
  stream = excluded.stream, message_id = excluded.message_id, campaign_hash = excluded.campaign_hash,
  asset_hash = excluded.asset_hash, digest = excluded.digest
  WHERE touch.state IN ('planned', 'failed')
"""
COMMIT = "UPDATE main.touch SET state = 'committing', body_hash = '' WHERE run_id = :run AND state = 'claimed'"
SENT = "UPDATE main.touch SET state = 'sent', attempts = attempts + 1 WHERE run_id = :run AND state = 'committing'"

FREE = "held_reason = NULL, held_since = NULL, held_until = NULL"
UNSEALED = "digest = 0"  # of an enrollment: the next plan that is applied seals it
# What became of each touch, and of whose place.
SETTLED = (
    "FROM main.touch x WHERE x.run_id = :run AND x.state = 'sent' AND x.enrollment_id = e.id AND x.hop = e.hop"
    " AND e.ended_at IS NULL AND e.step_done = 0"
)
STEP_DONE = (
    "UPDATE main.enrollment AS e SET state = 'moving', step_done = 1, arrived_at = :at, anchor_at = :at, wake_at = :at,"
    f" {FREE}, {UNSEALED} {SETTLED} AND x.stream = 0"
)
TURN_DONE = (
    "UPDATE main.enrollment AS e SET state = 'moving', casts = e.casts + 1, hop = e.hop + 1, anchor_at = :at,"
    f" wake_at = :at, {FREE}, {UNSEALED} {SETTLED} AND x.stream = 1"
)
ANSWERED = (
    f"UPDATE main.request AS r SET state = 'sent', closed_at = :at, closed_why = 'sent', wake_at = NULL, {FREE}"
    " FROM main.touch x WHERE x.run_id = :run AND x.request_id = r.id AND r.state = 'open'"
)


def rehearse(planner: Planner, at: int) -> Plan:
    """One run at instant `at`: the plan, applied, with everything due counted as sent."""
    plan = planner.plan(at)
    if needs_applying(plan):
        apply_plan(plan)
    count_as_sent(plan)
    return plan


def count_as_sent(plan: Plan) -> int:
    """Count everything that an applied plan has due as sent at its instant; returns how many touches that were."""
    if not plan.counts.due:
        return 0
    db = plan.db
    _register(db)
    with writing(db):
        run_id = begin_run(db, at=plan.at, due=plan.counts.due, held=plan.counts.held)
        row = {"at": plan.at, "run": run_id}
        for statement in (CLAIM, COMMIT):
            db.execute(statement, row)
        sent = db.execute(SENT, row).rowcount
        for statement in (STEP_DONE, TURN_DONE, ANSWERED):
            db.execute(statement, row)
        finish_run(db, run_id, at=plan.at, sent=sent, failed=0, deferred=0, unknown=0, ended="rehearsed")
    return sent


def _register(db: Connection) -> None:
    """Give the connection what only Python knows, once: a second time makes SQLite prepare every statement again."""
    if db.execute("SELECT 1 FROM pragma_function_list WHERE name = 'touch_digest'").fetchone() is not None:
        return
    db.create_function("touch_digest", -1, lambda *facts: digest_of(facts), deterministic=True)
    db.create_function("reason_of", 3, reason_of, deterministic=True)
