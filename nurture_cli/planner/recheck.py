"""The last look before a send, in the transaction that claims it and in the one that makes it irrevocable.

Everything a decision rests on (consent, suppression, events, stage, fields, tags, touches) leaves a row in table
`change` when it changes. So a plan still holds for a contact without a newer row, and one look-up says so; where there
is one, the next run decides anew. By time alone a send window closes, consent ends and an asset expires, so these are
looked at again too.
"""

from __future__ import annotations

from functools import lru_cache

from nurture_cli.calendars import next_allowed
from nurture_cli.planner.plan import Due, Plan
from nurture_cli.store.database import Connection

CONTACT = (
    "SELECT EXISTS (SELECT 1 FROM main.change WHERE contact_id = c.id AND id > ? AND run_id IS NOT ?), c.consent_until"
    " FROM main.contact c WHERE c.id = ?"
)
MOST = 1_000  # answers remembered


class LastLook:
    """Says whether a touch of the plan may still go out; `cursor` is what `apply_plan` returned."""

    def __init__(self, plan: Plan, cursor: int, run_id: int) -> None:
        self._world = plan.world
        self._cursor = cursor
        self._run_id = run_id
        self._expires = {asset.name: asset.expires for asset in plan.world.assets.values() if asset.expires is not None}
        self._is_open = lru_cache(MOST)(self._is_time)  # many touches share a second, a campaign and a zone

    def allows(self, db: Connection, due: Due, now: int) -> bool:
        """Whether the touch may go out at instant `now`; to be asked inside a transaction on `db`."""
        contact = db.execute(CONTACT, (self._cursor, self._run_id, due.contact_id)).fetchone()
        if contact is None:
            return False
        changed, consent_until = contact
        if changed or _is_past(self._expires.get(due.asset), now):
            return False
        return not due.reaches_contact or (
            not _is_past(consent_until, now) and self._is_open(now, due.campaign, due.zone)
        )

    def _is_time(self, now: int, name: str, zone: str) -> bool:
        campaign = self._world.project.campaigns.get(name)  # None for a request
        return campaign is None or next_allowed(now, campaign.pace.window, zone, self._world.closed) <= now


def _is_past(end: int | None, now: int) -> bool:
    return end is not None and end <= now
