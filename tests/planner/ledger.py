"""A stand-in for the runner's delivery in planner tests: everything due is sent at once, as rows."""

from __future__ import annotations

from nurture_cli.planner.plan import Due, Plan
from nurture_cli.store.database import Connection

TOUCH = (
    "INSERT INTO touch (key, contact_id, enrollment_id, request_id, campaign, step, hop, asset, family, once_scope,"
    " channel, reaches_contact, state, reason, at, due_at, message_id, campaign_hash, asset_hash, body_hash, run_id,"
    " digest) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,'claimed',?,?,?,?,?,?,'b',1,0)"
)


def send_all(db: Connection, plan: Plan) -> list[Due]:
    """Send what is due at the instant of an applied plan."""
    due = list(plan.due())
    for one in due:
        send(db, one, plan.at)
    return due


def send(db: Connection, due: Due, at: int) -> None:
    """One touch through its states, with what settling does to the enrollment or the request."""
    db.execute(
        TOUCH,
        (
            due.key, due.contact_id, due.enrollment_id, due.request_id, due.campaign, due.step, due.hop, due.asset,
            due.family, due.once_scope, due.channel, due.reaches_contact, due.reason, at, due.due_at, due.key,
            due.campaign_hash, due.asset_hash,
        ),
    )  # fmt: skip
    for state in ("committing", "sent"):
        db.execute("UPDATE touch SET state = ? WHERE key = ?", (state, due.key))
    if due.request_id is not None:
        db.execute("UPDATE request SET state = 'sent', closed_at = ? WHERE id = ?", (at, due.request_id))
    elif due.stream:
        db.execute(
            "UPDATE enrollment SET casts = casts + 1, hop = hop + 1, anchor_at = ?, wake_at = ?, state = 'moving'"
            " WHERE id = ?",
            (at, at, due.enrollment_id),
        )
    else:
        db.execute(
            "UPDATE enrollment SET step_done = 1, anchor_at = ?, wake_at = ?, state = 'moving' WHERE id = ?",
            (at, at, due.enrollment_id),
        )
