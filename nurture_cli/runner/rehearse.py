"""What a run does in a world that sends nothing: whatever is due counts as sent at that instant.

For days that are only played through: the plan is made and applied as by a run, and the ledger is written by the same
functions; what is left out is rendering and delivery. So no text fails, and a task channel makes no to-do. No command
uses it yet: the tests play through weeks with it, and compare them with a plain interpreter.
"""

from __future__ import annotations

from nurture_cli.planner.plan import Plan, Planner
from nurture_cli.runner.apply import apply_plan, needs_applying
from nurture_cli.store import ledger
from nurture_cli.store.database import writing
from nurture_cli.store.runs import begin_run, finish_run


def rehearse(planner: Planner, at: int) -> Plan:
    """One run at instant `at`: the plan, applied, with everything due counted as sent."""
    plan = planner.plan(at)
    if needs_applying(plan):
        apply_plan(plan)
    count_as_sent(plan)
    return plan


def count_as_sent(plan: Plan) -> int:
    """Count everything that an applied plan has due as sent at its instant; returns how many touches that were."""
    db, at, due = plan.db, plan.at, plan.counts.due
    if not due:
        return 0
    with writing(db):
        run_id = begin_run(db, at=at, due=due, held=plan.counts.held)
        sent = 0
        for touch in plan.due_in_queue():
            entry = ledger.claim(db, touch, message_id=touch.key, run_id=run_id, at=at)
            if entry is None:
                raise AssertionError(f"touch {touch.key} is due, but not to be had")
            ledger.mark_committing(db, entry, body_hash="", at=at)
            ledger.settle_sent(db, entry, at=at)
            sent += 1
        finish_run(db, run_id, at=at, sent=sent, failed=0, deferred=0, unknown=0, ended="rehearsed")
    return sent
