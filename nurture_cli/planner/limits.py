"""The limits of channels: how much room there is, who goes first, and who need not be looked at in this plan.

However many wait behind a limit, a plan looks only at the first of them: a few more than there is room for. Those who
were looked at may be held by something else by now, and leave room; then more have to be looked at, see `missed_any`.
"""

from __future__ import annotations

from nurture_cli.planner.bound import COUNTED_STATES
from nurture_cli.planner.world import World
from nurture_cli.reasons import Hold
from nurture_cli.store.database import Connection

REQUEST_PRIORITY = 1000  # requests go before every campaign
# Requests first; then priority, the longest wait, the campaign's name, the contact.
ORDER = "priority DESC, due, campaign_id, cid, id"

HOUR, DAY = 3600, 86400
BEHIND = f"held_reason = '{Hold.CHANNEL_LIMIT}'"  # the term of the partial indexes, word for word
# Who waits for others of the same contact: `turn` for the one that goes first, which may itself be behind a limit.
WITH_OTHERS = f"held_reason IN ('{Hold.TURN}', '{Hold.CHANNEL_LIMIT}')"

# The first of a campaign who wait for a channel: an enrollment at a stream waits for each channel of its items.
FIRST_OF_CAMPAIGN = f"""
INSERT INTO temp.waiting (channel, eid, priority, due, campaign_id, cid)
SELECT :channel, e.id, :priority, e.due_at, :campaign_id, e.contact_id
FROM main.enrollment e INDEXED BY enrollment_behind_limit
WHERE e.{BEHIND} AND e.ended_at IS NULL AND e.campaign = :campaign
  AND EXISTS (SELECT 1 FROM temp.place p JOIN temp.offer o ON o.node = p.node
              WHERE p.campaign_id = :campaign_id AND p.step = e.step AND o.channel = :channel)
ORDER BY e.due_at, e.contact_id LIMIT :most
"""
FIRST_REQUESTS = f"""
INSERT INTO temp.waiting (channel, rid, priority, due, cid)
SELECT :channel, r.id, {REQUEST_PRIORITY}, r.requested_at, r.contact_id
FROM main.request r INDEXED BY request_behind_limit
WHERE r.{BEHIND} AND r.state = 'open'
  AND EXISTS (SELECT 1 FROM temp.asset a WHERE a.name = r.asset AND a.channel = :channel)
ORDER BY r.requested_at, r.contact_id LIMIT :most
"""
IN_ORDER = "-priority, due, coalesce(campaign_id, -1), cid"  # of any rows with these columns, smallest first


def choose_waiting(db: Connection, world: World, at: int, times: int) -> None:
    """Note who is looked at of those behind a limit: for each channel `times` as many as it has room for."""
    for name in world.config.channels:
        room = channel_room(db, world, name, at)
        if room == 0:
            continue
        most = -1 if room is None else room * times
        _find_waiting(db, world, name, most)
        _leave_the_rest(db, name, most, room)
    db.execute("INSERT OR IGNORE INTO temp.looked_at SELECT eid FROM temp.waiting WHERE eid IS NOT NULL")
    db.execute("INSERT OR IGNORE INTO temp.looked_at_request SELECT rid FROM temp.waiting WHERE rid IS NOT NULL")


def _find_waiting(db: Connection, world: World, channel: str, most: int) -> None:
    """Fill `temp.waiting` with the first who wait behind the limit of a channel, so many of each campaign."""
    given = {"channel": channel, "most": most}
    db.execute(FIRST_REQUESTS, given)
    for campaign_id, campaign in enumerate(world.campaigns):
        among = {"campaign_id": campaign_id, "campaign": campaign.name, "priority": campaign.priority}
        db.execute(FIRST_OF_CAMPAIGN, given | among)


def _leave_the_rest(db: Connection, channel: str, most: int, room: int | None) -> None:
    """Keep as many as are looked at, and remember the place of the last one where others may be waiting behind it."""
    if room is None:
        return
    found = db.execute("SELECT count(*) FROM temp.waiting WHERE channel = ?", (channel,)).fetchone()[0]
    if found < most:
        return
    last = db.execute(
        f"SELECT {IN_ORDER} FROM temp.waiting WHERE channel = ? ORDER BY {IN_ORDER} LIMIT 1 OFFSET ?",
        (channel, most - 1),
    ).fetchone()
    db.execute(f"DELETE FROM temp.waiting WHERE channel = ? AND ({IN_ORDER}) > (?, ?, ?, ?)", (channel, *last))
    db.execute("INSERT INTO temp.horizon VALUES (?, ?, ?, ?, ?, ?)", (channel, room, *last))


def bring_along(db: Connection) -> None:
    """Look as well at what else waits of the contacts who are looked at: which of it goes first is decided anew."""
    their = (
        "(SELECT contact_id FROM main.enrollment WHERE id IN (SELECT id FROM temp.looked_at)"
        " UNION SELECT contact_id FROM main.request WHERE id IN (SELECT id FROM temp.looked_at_request)"
        " UNION SELECT cid FROM temp.token)"
    )
    if db.execute(
        "SELECT EXISTS (SELECT 1 FROM temp.campaign k WHERE EXISTS ("
        "SELECT 1 FROM main.enrollment e INDEXED BY enrollment_state"
        f" WHERE e.ended_at IS NULL AND e.campaign = k.name AND e.state = 'held' AND e.{WITH_OTHERS}))"
    ).fetchone()[0]:
        db.execute(
            "INSERT OR IGNORE INTO temp.looked_at SELECT id FROM main.enrollment INDEXED BY enrollment_one_open"
            f" WHERE ended_at IS NULL AND {WITH_OTHERS} AND contact_id IN {their}"
        )
    db.execute(
        "INSERT OR IGNORE INTO temp.looked_at_request SELECT id FROM main.request INDEXED BY request_by_contact"
        f" WHERE state = 'open' AND {WITH_OTHERS} AND contact_id IN {their}"
    )


def missed_any(db: Connection) -> bool:
    """Whether somebody who was not looked at might have gone before one who is due now, or into room that is left."""
    horizons = db.execute("SELECT channel, room, key1, key2, key3, key4 FROM temp.horizon").fetchall()
    for channel, room, *last in horizons:
        due = db.execute(
            f"SELECT count(*) FROM temp.candidate WHERE held IS NULL AND channel = ? AND ({IN_ORDER}) <= (?, ?, ?, ?)",
            (channel, *last),
        ).fetchone()[0]
        if due < room:
            return True
    return False


def limit_channels(db: Connection, world: World, at: int) -> None:
    """Hold back what the hourly and daily limits of each channel, with its ramp, leave no room for."""
    for name in world.config.channels:
        room = channel_room(db, world, name, at)
        if room is not None:
            db.execute(
                f"UPDATE temp.candidate SET held = '{Hold.CHANNEL_LIMIT}' WHERE id IN ("
                f" SELECT id FROM temp.candidate WHERE held IS NULL AND channel = ?"
                f" ORDER BY {ORDER} LIMIT -1 OFFSET ?)",
                (name, room),
            )


def channel_room(db: Connection, world: World, name: str, at: int) -> int | None:
    """How many touches a channel may still carry, in rolling windows over the ledger; None: as many as there are."""

    def used(seconds: int) -> int:
        row = db.execute(
            f"SELECT count(*) FROM main.touch WHERE channel = ? AND at > ? AND {COUNTED_STATES}", (name, at - seconds)
        ).fetchone()
        return int(row[0])

    room = [limit - used(seconds) for limit, seconds in _limits(db, world, name, at)[0]]
    return max(0, min(room)) if room else None


def next_room(db: Connection, world: World, at: int) -> int:
    """The next instant at which time lets contacts go out who wait behind a limit; `at` itself: they need not wait.

    It is asked in the course of a plan, after what it says was done.
    """
    instants = []
    for name in world.config.channels:
        room = channel_room(db, world, name, at)
        if room == 0:
            instants.append(_room_returns(db, world, name, at))
        elif room is not None and _anybody_waits(db, world, name):
            return at
    return min(instants, default=at)


def _room_returns(db: Connection, world: World, name: str, at: int) -> int:
    """When the oldest touches that use up the limits of a channel no longer count, or its ramp allows more."""
    limits, next_day = _limits(db, world, name, at)
    instants = [at + 1]
    for limit, seconds in limits:
        oldest = db.execute(
            f"SELECT at FROM main.touch WHERE channel = ? AND at > ? AND {COUNTED_STATES}"
            " ORDER BY at DESC LIMIT 1 OFFSET ?",
            (name, at - seconds, limit - 1),
        ).fetchone()
        if oldest is not None:
            instants.append(oldest[0] + seconds)
    return max(instants) if next_day is None else min(max(instants), next_day)


def _limits(db: Connection, world: World, name: str, at: int) -> tuple[list[tuple[int, int]], int | None]:
    """So many touches in so many seconds, each, at this instant; and when its ramp goes on to the next day."""
    channel = world.config.channels[name]
    daily, next_day = channel.daily, None
    if channel.ramp:
        first = db.execute(
            f"SELECT min(at) FROM main.touch WHERE channel = ? AND {COUNTED_STATES}", (name,)
        ).fetchone()[0]
        day = 0 if first is None else (at - first) // DAY
        if day < len(channel.ramp):
            daily = channel.ramp[day] if daily is None else min(daily, channel.ramp[day])
            next_day = None if first is None else first + (day + 1) * DAY
    given = ((channel.hourly, HOUR), (daily, DAY))
    return [(limit, seconds) for limit, seconds in given if limit is not None], next_day


def _anybody_waits(db: Connection, world: World, name: str) -> bool:
    """Whether anybody waits behind the limit of this channel."""
    _find_waiting(db, world, name, most=1)
    found = db.execute("SELECT EXISTS (SELECT 1 FROM temp.waiting WHERE channel = ?)", (name,)).fetchone()[0]
    db.execute("DELETE FROM temp.waiting")
    return bool(found)
