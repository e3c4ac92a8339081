"""The last look before a send, in the transaction that claims it and in the one that makes it irrevocable.

Everything a decision rests on (consent, suppression, events, stage, fields, tags, touches) leaves a row in table
`change` when it changes. So a plan still stands for a contact without a newer row, and one look-up says so; where
there is one, the next run decides anew. What changes by time alone is the send window, which is looked at again too.
"""

from __future__ import annotations

from nurture_cli.planner.plan import Due, Plan
from nurture_cli.reasons import Hold
from nurture_cli.store.database import Connection
from nurture_cli.timing import next_allowed

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
        self._open: dict[tuple[int, str, str], bool] = {}  # whether it is time, by second, campaign and zone

    def hold(self, db: Connection, due: Due, now: int) -> Hold | None:
        """What holds the touch back at instant `now`, or None; to be asked inside a transaction on `db`."""
        row = db.execute(CHANGED, (due.contact_id, self._cursor, self._run_id, due.contact_id)).fetchone()
        if row[0]:
            return Hold.CHANGED
        campaign = self._world.project.campaigns.get(due.campaign)
        if campaign is not None and due.reaches_contact:
            here = (now, due.campaign, due.zone)
            if here not in self._open:
                if len(self._open) > MOST:
                    self._open.clear()
                self._open[here] = next_allowed(now, campaign.pace.window, due.zone, self._world.closed) <= now
            if not self._open[here]:
                return Hold.WINDOW
        return None
