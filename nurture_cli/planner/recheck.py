"""The last look before a send, in the transaction that claims it and in the one that makes it irrevocable.

Everything a decision rests on (consent, suppression, events, stage, fields, tags, touches) leaves a row in table
`change` when it changes. So a plan still stands for a contact without a newer row, and one look-up says so; where
there is one, the next run decides anew. What changes by time alone is the send window, which is looked at again too.
"""

from __future__ import annotations

from functools import lru_cache

from nurture_cli.calendars import next_allowed
from nurture_cli.planner.plan import Due, Plan
from nurture_cli.reasons import Hold
from nurture_cli.store.database import Connection

CHANGED = (
    "SELECT EXISTS (SELECT 1 FROM main.change WHERE contact_id = ? AND id > ? AND run_id IS NOT ?)"
    " OR NOT EXISTS (SELECT 1 FROM main.contact WHERE id = ?)"
)
MOST = 1_000  # answers remembered


class LastLook:
    """Tells whether a touch of the plan may still go out; `cursor` is what `apply_plan` returned."""

    def __init__(self, plan: Plan, cursor: int, run_id: int) -> None:
        self._world = plan.world
        self._cursor = cursor
        self._run_id = run_id
        self._is_open = lru_cache(MOST)(self._is_time)  # many touches share a second, a campaign and a zone

    def hold(self, db: Connection, due: Due, now: int) -> Hold | None:
        """What holds the touch back at instant `now`, or None; to be asked inside a transaction on `db`."""
        row = db.execute(CHANGED, (due.contact_id, self._cursor, self._run_id, due.contact_id)).fetchone()
        if row[0]:
            return Hold.CHANGED
        known = due.campaign in self._world.project.campaigns
        if known and due.reaches_contact and not self._is_open(now, due.campaign, due.zone):
            return Hold.WINDOW
        return None

    def _is_time(self, now: int, campaign: str, zone: str) -> bool:
        window = self._world.project.campaigns[campaign].pace.window
        return next_allowed(now, window, zone, self._world.closed) <= now
