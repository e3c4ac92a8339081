"""Who enters a campaign in a plan, who is passed over, and who comes back into one after a rest.

It looks at contacts about whom something is new, or of whom time may have changed something (`wakes.py`), and at
everybody only after the file was edited: back-fill, a new entry rule, one that is moved by time in another way.
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.model import Again
from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.companies import CHANGED, EVERYBODY, load_companies, look_at_companies
from nurture_cli.planner.compile import Scope, compile_condition
from nurture_cli.planner.fingerprints import enter_hash
from nurture_cli.planner.funnel import barriers
from nurture_cli.planner.planned_contacts import AS_PLANNED, AS_STORED, PlannedRows
from nurture_cli.planner.tokens import GOES
from nurture_cli.planner.wakes import are_known, door_moved_by_time
from nurture_cli.planner.world import World, at_the_door, way_out
from nurture_cli.store.database import Connection


def enter_campaigns(db: Connection, world: World, at: int, *, only: int | None) -> None:
    """Bring in every contact who enters a campaign at instant `at`, as new tokens that count down from -1.

    `only` is the one contact that is looked at, if the plan is made for one.
    """
    some_dirty = _any(db, "temp.dirty")
    for campaign_id in range(len(world.campaigns)):
        _Door(db, world, at, campaign_id, only).open(some_dirty=some_dirty)
    _enter_after_rest(db, at)


class _Door:
    """The entry of one campaign."""

    def __init__(self, db: Connection, world: World, at: int, campaign_id: int, only: int | None) -> None:
        self.db, self.world, self.at, self.only = db, world, at, only
        self.id, self.campaign = campaign_id, world.campaigns[campaign_id]

    def open(self, *, some_dirty: bool) -> None:
        """Let contacts enter who may; in the first run of a campaign without back-fill, pass over those who match."""
        campaign = self.campaign
        seen = self.db.execute("SELECT enter_hash FROM main.campaign_seen WHERE name = ?", (campaign.name,)).fetchone()
        started = seen is not None and seen[0] == enter_hash(campaign)
        if not started and not campaign.enter.backfill:
            self._pass_over()
            return
        by_time = door_moved_by_time(self.world, self.id) and not are_known(self.db, self.world)
        everybody = self.only is None and bool(not started or by_time)
        if not everybody and not some_dirty:
            return
        if look_at_companies(at_the_door(campaign)):
            load_companies(self.db, self.world, self.at, EVERYBODY if everybody else CHANGED)
        for rows in AS_PLANNED if _any(self.db, "temp.stage_change") else (AS_STORED,):
            self._enter(rows, everybody=everybody)
            self._forget_passed_over(rows)

    def _enter(self, rows: PlannedRows, *, everybody: bool) -> None:
        """Make a token for each of these contacts who may enter now."""
        parameters = Parameters(now=self.at, campaign_id=self.id, name=self.campaign.name, newest=_newest(self.db))
        # IN, not a join: for a join SQLite may scan every contact to make a Bloom filter.
        among = "" if everybody else "c.id IN (SELECT cid FROM temp.dirty) AND "
        first = self._holds(self.world.scope, parameters)
        anew = f"{self._holds(self.world.scope.since('po.at'), parameters)} AND NOT {self._static(parameters)}"
        leaves = "".join(f" AND NOT {holds}" for holds in self._leaves_at_once(parameters))
        barred = " OR ".join(holds for _, holds in barriers(self.campaign, "c.id", "c.stage"))
        self.db.execute(
            f"""
            INSERT INTO temp.token (tid, cid, campaign_id, pass, entered, hop, items_sent, anchor, doing)
            SELECT :newest - row_number() OVER (ORDER BY c.id),
                   c.id, :campaign_id, coalesce(z.pass, 0) + 1, :now, 0, 0, :now, {GOES}
            FROM {rows.table} c
            LEFT JOIN main.passed_over po ON po.campaign = :name AND po.contact_id = c.id
            LEFT JOIN main.enrollment z ON z.contact_id = c.id AND z.campaign = :name
                 AND z.pass = (SELECT max(y.pass) FROM main.enrollment y
                               WHERE y.contact_id = c.id AND y.campaign = :name)
            WHERE {rows.among} AND {among}(z.id IS NULL OR z.ended_at IS NOT NULL) AND NOT ({barred})
              AND CASE WHEN z.id IS NOT NULL THEN {self._again(parameters)}
                       WHEN po.at IS NOT NULL THEN {anew}
                       ELSE {first} END{leaves}
            """,
            parameters,
        )

    def _forget_passed_over(self, rows: PlannedRows) -> None:
        """Note which contacts that were passed over no longer match: they may enter when they match again."""
        parameters = Parameters(now=self.at, campaign_id=self.id, name=self.campaign.name)
        self.db.execute(
            f"""
            INSERT INTO temp.unpassing (campaign_id, cid)
            SELECT :campaign_id, c.id FROM {rows.table} c
            WHERE {rows.among} AND c.id IN (SELECT d.cid FROM temp.dirty d
                           WHERE EXISTS (SELECT 1 FROM main.passed_over po
                                         WHERE po.campaign = :name AND po.contact_id = d.cid))
              AND NOT {self._holds(self.world.scope, parameters)}
            """,
            parameters,
        )

    def _pass_over(self) -> None:
        """Note the contacts who match before the first run of a campaign without back-fill."""
        parameters = Parameters(now=self.at, campaign_id=self.id, only=self.only)
        matches = self._holds(self.world.scope, parameters)
        among = "" if self.only is None else " AND c.id = :only"
        if look_at_companies([self.campaign.enter.condition]):
            load_companies(self.db, self.world, self.at, EVERYBODY if self.only is None else CHANGED)
        self.db.execute(
            "INSERT INTO temp.passing (campaign_id, cid)"
            f" SELECT :campaign_id, c.id FROM main.contact c WHERE {matches}{among}",
            parameters,
        )

    def _holds(self, scope: Scope, parameters: Parameters) -> str:
        return compile_condition(self.campaign.enter.condition.body, scope, parameters)

    def _static(self, parameters: Parameters) -> str:
        """Whether the contact would match if nothing had ever happened: then no event is a reason to enter."""
        return self._holds(self.world.scope.without_events(), parameters)

    def _leaves_at_once(self, parameters: Parameters) -> Iterator[str]:
        """The conditions that end an enrollment, and so keep a contact out as well."""
        for condition in way_out(self.campaign):
            yield compile_condition(condition.body, self.world.scope, parameters)

    def _again(self, parameters: Parameters) -> str:
        """Whether a contact who was inside before (its last pass is z) may enter once more: an event counts once."""
        newly = self._holds(self.world.scope.since("z.entered_at"), parameters)
        match self.campaign.enter.again:
            case Again.NEVER:
                return "0"
            case Again.EVERY:
                every = self.campaign.enter.every
                seconds = every.seconds if every else 0
                return f"(:now >= z.entered_at + {parameters.bind(seconds)} AND {newly})"
            case Again.ALWAYS:
                return f"({newly} AND NOT {self._static(parameters)})"


def _enter_after_rest(db: Connection, at: int) -> None:
    """Bring the contacts whose rest is over into the campaign that their return names."""
    db.execute(
        f"""
        INSERT INTO temp.token (tid, cid, campaign_id, pass, entered, hop, items_sent, anchor, doing)
        SELECT :newest - row_number() OVER (ORDER BY back.campaign_id, back.cid), back.cid, back.campaign_id,
               1 + (SELECT coalesce(max(y.pass), 0) FROM main.enrollment y
                    WHERE y.contact_id = back.cid AND y.campaign = k.name), :now, 0, 0, :now, {GOES}
        FROM temp.comeback back JOIN temp.campaign k ON k.campaign_id = back.campaign_id
        WHERE back.why = 'rested'
          AND NOT EXISTS (SELECT 1 FROM temp.token t WHERE t.cid = back.cid AND t.campaign_id = back.campaign_id)
          AND NOT EXISTS (SELECT 1 FROM main.enrollment z
                          WHERE z.contact_id = back.cid AND z.campaign = k.name AND z.ended_at IS NULL)
        """,
        {"newest": _newest(db), "now": at},
    )


def _newest(db: Connection) -> int:
    """The number of the newest token of the contacts who enter now; 0 when there is none."""
    number: int = db.execute("SELECT coalesce(min(tid), 0) FROM temp.token WHERE tid < 0").fetchone()[0]
    return number


def _any(db: Connection, table: str) -> bool:
    return bool(db.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0])
