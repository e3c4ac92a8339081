"""Contacts who lack a fact that an asset prints without saying what to print instead: a run makes no message for them.

Reads what a plan has decided. The caller knows which facts an asset prints so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from nurture_cli.campaign.graph import steps_of
from nurture_cli.campaign.model import Campaign
from nurture_cli.planner.bound import COUNTED_STATES, MAY_BE_WRITTEN_TO, SUPPRESSED
from nurture_cli.planner.plan import Plan
from nurture_cli.planner.tokens import ENDED
from nurture_cli.records import CORE_TEXT_FIELDS

MOST_NAMED = 3  # contacts


class Lack(NamedTuple):
    """How many contacts lack a fact that an asset prints, and the first of them."""

    asset: str
    fact: str
    number: int
    emails: tuple[str, ...]

    @property
    def who(self) -> str:
        """The first contacts, and how many more there are."""
        more = self.number - len(self.emails)
        return ", ".join(self.emails) + (f" and {more:,} more" if more else "")


def lacking_now(plan: Plan, printed: Mapping[str, Sequence[str]]) -> Iterator[Lack]:
    """Which contacts with something due lack which fact; `printed` has the facts of each asset."""
    due = "SELECT q.cid FROM temp.candidate q WHERE q.held IS NULL AND q.asset = :asset"
    yield from _lacking(plan, printed, f"c.id IN ({due})")


def lacking_ahead(plan: Plan, printed: Mapping[str, Sequence[str]]) -> Iterator[Lack]:
    """Which contacts in a campaign with the asset lack which fact, if they may be written to and have not got it."""
    inside = f"""
        SELECT t.cid FROM temp.token t JOIN temp.campaign k ON k.campaign_id = t.campaign_id
        WHERE t.doing <> {ENDED} AND k.name IN (SELECT value FROM json_each(:campaigns))
        UNION
        SELECT e.contact_id FROM main.enrollment e
        WHERE e.ended_at IS NULL AND e.campaign IN (SELECT value FROM json_each(:campaigns))
          AND e.id NOT IN (SELECT tid FROM temp.token)
        """
    got = (
        "EXISTS (SELECT 1 FROM main.touch x WHERE x.contact_id = c.id"
        f" AND x.family = (SELECT a.family FROM temp.asset a WHERE a.name = :asset) AND x.{COUNTED_STATES})"
    )
    yield from _lacking(plan, printed, f"c.id IN ({inside}) AND {MAY_BE_WRITTEN_TO} AND NOT {SUPPRESSED} AND NOT {got}")


def _lacking(plan: Plan, printed: Mapping[str, Sequence[str]], among: str) -> Iterator[Lack]:
    for asset, facts in printed.items():
        campaigns = [one.name for one in plan.world.campaigns if asset in _sent(one)]
        for fact in facts:
            bound = {"asset": asset, "campaigns": json.dumps(campaigns), "now": plan.at, "path": f'$."{fact}"'}
            value = f"c.{fact}" if fact in CORE_TEXT_FIELDS else "json_extract(c.fields, :path)"
            of = f"FROM main.contact c WHERE trim(coalesce({value}, '')) = '' AND {among}"
            count = plan.db.execute(f"SELECT count(*) {of}", bound).fetchone()[0]
            if count:
                rows = plan.db.execute(f"SELECT c.email {of} ORDER BY c.id LIMIT {MOST_NAMED}", bound)
                yield Lack(asset, fact, count, tuple(email for (email,) in rows.fetchall()))


def _sent(campaign: Campaign) -> Iterator[str]:
    """Every asset that a campaign may send."""
    for sequence in campaign.sequences:
        for step in steps_of(sequence.steps):
            yield from (offer.asset for offer in step.offers)
