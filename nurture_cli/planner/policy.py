"""What holds back a touch whose time has come: the policies, asked in the order of `Hold`.

A policy is one SQL condition on a row of temp.candidate, and the instant until which it holds (NULL: until something
changes). The first that applies is the reason; a touch is due when none applies. The cap, one message per run and the
limits of channels come last, as they compare touches with each other or count earlier ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nurture_cli.campaign.model import Verb
from nurture_cli.message.ingredients import FACTS
from nurture_cli.planner.bound import COUNTED_STATES, SUPPRESSED, Parameters
from nurture_cli.planner.limits import ORDER, REQUEST_PRIORITY, limit_channels
from nurture_cli.planner.planned_contacts import copy_contacts
from nurture_cli.planner.steps import LATE
from nurture_cli.planner.tokens import STUCK, WANTS
from nurture_cli.planner.world import BRIEF, World
from nurture_cli.reasons import Hold
from nurture_cli.store.database import Connection
from nurture_cli.store.ledger import DOUBT_SECONDS

OPENS = "opens(q.campaign_id, c.zone)"  # when the window of the campaign opens next; now, while it is open

# When the gap after the campaign's last touch ends: newest first in the index of the caps, and only in the stretch of
# time in which a gap can matter, so that the ledger itself is read for few.
GAP_END = (
    "(SELECT add_gap(x.at, q.campaign_id, c.zone) FROM main.touch x INDEXED BY touch_cap"
    " WHERE x.contact_id = q.cid AND x.at > :now - k.gap_reach AND x.campaign = k.name"
    f" AND x.reaches_contact = 1 AND x.{COUNTED_STATES} ORDER BY x.at DESC LIMIT 1)"
)

FACT_COLUMNS = ", ".join(f"c.{name}" for name in FACTS)

# To be tried again, or failed, after an attempt that may have arrived; the term of a partial index, word for word.
EARLIER_ATTEMPT_IN_DOUBT = (
    f"state IN ('planned', 'failed') AND x.body_hash IS NOT NULL AND x.at > :now - {DOUBT_SECONDS}"
)


@dataclass(frozen=True, slots=True)
class Policy:
    """`when` and `until` are SQL over candidate q, token t, campaign k, contact c, own earlier touch o."""

    hold: Hold
    when: str
    until: str = "NULL"


def policies() -> Iterator[Policy]:
    """The policies that look at one candidate by itself, in order."""
    yield Policy(Hold.PAUSED, "k.paused = 1")
    yield Policy(
        Hold.IN_DOUBT,
        "o.state IN ('claimed', 'committing', 'unknown') OR q.doubt = 1",
        # A touch in doubt wakes this one once it is resolved; an attempt that waits to be repeated may never be.
        f"(SELECT max(x.at) + {DOUBT_SECONDS} FROM main.touch x"
        f" WHERE q.doubt = 1 AND x.contact_id = q.cid AND x.family = q.family AND x.{EARLIER_ATTEMPT_IN_DOUBT})",
    )
    made_from = f"made_from((SELECT hash FROM temp.asset WHERE name = q.asset), c.fields, {FACT_COLUMNS})"
    yield Policy(Hold.FAILED, f"o.state = 'failed' AND o.asset_hash = {made_from}")
    yield Policy(Hold.SUPPRESSED, f"q.reaches = 1 AND {SUPPRESSED}")
    yield Policy(
        Hold.NO_CONSENT,
        "q.reaches = 1 AND (c.consent NOT IN ('express', 'implied')"
        " OR c.consent_basis IS NULL OR c.consent_source IS NULL)",
    )
    yield Policy(Hold.CONSENT_ENDED, "q.reaches = 1 AND c.consent_until IS NOT NULL AND c.consent_until <= :now")
    yield Policy(Hold.DEFERRED, "o.state = 'planned' AND o.next_try_at > :now", "o.next_try_at")
    missed = LATE.format(policy="'shift'", due="t.due")
    # A touch that was moved to a later slot keeps that slot when it is looked at again before it.
    moved = "(k.if_late = 'shift' AND t.hop IS t.hop_before AND t.held = 'late' AND t.held_until > :now)"
    slot = "shifted(t.due, c.zone, q.campaign_id)"
    yield Policy(Hold.LATE, f"q.reaches = 1 AND ({missed} OR {moved}) AND {slot} > :now", slot)
    yield Policy(Hold.GAP, f"k.gap_reach IS NOT NULL AND q.reaches = 1 AND {GAP_END} > :now", GAP_END)
    yield Policy(Hold.WINDOW, f"q.reaches = 1 AND q.campaign_id IS NOT NULL AND {OPENS} > :now", OPENS)


JOINED = """
FROM temp.candidate q
JOIN temp.contact_now c ON c.id = q.cid
LEFT JOIN temp.token t ON t.tid = q.tid
LEFT JOIN temp.campaign k ON k.campaign_id = q.campaign_id
LEFT JOIN main.touch o ON o.id = q.touch
"""


def load_candidates(db: Connection, at: int) -> None:
    """Gather the touches that want to go out: of tokens at a send or stream, open requests, and briefs for Sales."""
    db.execute(
        f"""
        INSERT INTO temp.candidate
          (tid, cid, campaign_id, node, hop, asset, family, channel, reaches, due, priority, scope, key)
        SELECT t.tid, t.cid, t.campaign_id, t.node, t.hop, t.asset, a.family, a.channel, a.reaches, t.due, k.priority,
               CASE k.once WHEN 'global' THEN '*' WHEN 'campaign' THEN 'c:' || k.name
                    WHEN 'pass' THEN 'p:' || k.name || '/' || t.pass
                    ELSE 'n:' || k.name || '/' || t.pass || '/' || t.cid || '/' || t.hop END,
               k.name || '/' || t.pass || '/' || t.cid || '/' || t.hop
        FROM temp.token t JOIN temp.campaign k ON k.campaign_id = t.campaign_id JOIN temp.asset a ON a.name = t.asset
        WHERE t.doing = {WANTS}
        """
    )
    db.execute(  # tokens that cannot move: shown as held, without an asset
        f"""
        INSERT INTO temp.candidate (tid, cid, campaign_id, node, hop, reaches, due, priority, scope, key, held)
        SELECT t.tid, t.cid, t.campaign_id, t.node, t.hop, 0, coalesce(t.due, t.anchor), k.priority, '', '', t.stuck
        FROM temp.token t JOIN temp.campaign k ON k.campaign_id = t.campaign_id WHERE t.doing = {STUCK}
        """
    )
    _load_requests(db, at)
    _load_briefs(db, at)
    db.execute(
        "UPDATE temp.candidate AS q SET touch = o.id FROM main.touch o"
        " WHERE q.tid > 0 AND q.asset IS NOT NULL AND o.enrollment_id = q.tid AND o.hop = q.hop"
    )
    db.execute("UPDATE temp.candidate AS q SET touch = o.id FROM main.touch o WHERE q.tid IS NULL AND o.key = q.key")
    _note_doubts(db, at)


def _note_doubts(db: Connection, at: int) -> None:
    """Mark touches whose content another one may have brought already, within the scope of `once`: they wait."""
    mine = "x.contact_id = q.cid AND x.family = q.family AND x.id IS NOT q.touch"
    within = f"""
        CASE coalesce(k.once, 'global') WHEN 'global' THEN 1 WHEN 'campaign' THEN x.campaign = k.name
             WHEN 'pass' THEN x.enrollment_id = q.tid ELSE n.kind = '{Verb.STREAM}' AND x.enrollment_id = q.tid END
    """
    db.execute(
        f"""
        UPDATE temp.candidate AS u SET doubt = 1 FROM (
          SELECT q.id FROM temp.candidate q
          LEFT JOIN temp.campaign k ON k.campaign_id = q.campaign_id LEFT JOIN temp.node n ON n.node = q.node
          WHERE q.asset IS NOT NULL AND (
            EXISTS (SELECT 1 FROM main.touch x WHERE {mine} AND x.{COUNTED_STATES} AND x.state <> 'sent' AND {within})
            OR EXISTS (SELECT 1 FROM main.touch x WHERE {mine} AND x.{EARLIER_ATTEMPT_IN_DOUBT} AND {within}))) AS m
        WHERE m.id = u.id
        """,
        {"now": at},
    )


def _load_requests(db: Connection, at: int) -> None:
    """Gather the open requests that this plan looks at; they go before everything else."""
    db.execute(
        f"""
        INSERT INTO temp.asked (rid, cid, asset, at, family, channel, reaches, closes)
        SELECT r.id AS rid, r.contact_id AS cid, r.asset, r.requested_at AS at, a.family, a.channel, a.reaches,
          CASE WHEN a.name IS NULL THEN 'refused: no such asset'
               WHEN a.expires IS NOT NULL AND a.expires <= :now THEN 'refused: expired'
               WHEN EXISTS (SELECT 1 FROM main.touch x WHERE x.contact_id = r.contact_id AND x.family = a.family
                            AND x.{COUNTED_STATES} AND x.state = 'sent') THEN 'received: before'
               WHEN EXISTS (SELECT 1 FROM main.request z JOIN temp.asset same ON same.name = z.asset
                            WHERE z.contact_id = r.contact_id AND z.state = 'open' AND z.id < r.id
                              AND same.family = a.family) THEN 'received: asked for twice' END AS closes
        FROM main.request r LEFT JOIN temp.asset a ON a.name = r.asset
        WHERE r.id IN (SELECT id FROM temp.looked_at_request)
        """,
        {"now": at},
    )
    copy_contacts(db, "SELECT cid FROM temp.asked")
    db.execute(
        f"INSERT INTO temp.candidate (rid, cid, hop, asset, family, channel, reaches, due, priority, scope, key)"
        f" SELECT rid, cid, 0, asset, family, channel, reaches, at, {REQUEST_PRIORITY}, '*', 'request/' || rid"
        " FROM temp.asked WHERE closes IS NULL"
    )


def _load_briefs(db: Connection, at: int) -> None:
    """Gather the briefs for Sales that have not left; they are touches only where a channel carries briefs."""
    db.execute(
        """
        INSERT INTO temp.brief (cid, hid, at, number)
        SELECT h.contact_id AS cid, h.id AS hid, h.at, (SELECT count(*) FROM main.handoff o
               WHERE o.contact_id = h.contact_id AND o.id <= h.id) AS number
        FROM main.handoff h INDEXED BY handoff_unbriefed WHERE h.briefed_at IS NULL AND h.closed_at IS NULL
        UNION ALL
        SELECT new.cid, NULL, :now, 1 + (SELECT count(*) FROM main.handoff o WHERE o.contact_id = new.cid)
        FROM temp.handing new
        """,
        {"now": at},
    )
    copy_contacts(db, "SELECT cid FROM temp.brief")
    db.execute(
        f"INSERT INTO temp.candidate (cid, hop, asset, family, channel, reaches, due, priority, scope, key, hid)"
        f" SELECT b.cid, 0, a.name, a.family || '/' || b.number, a.channel, 0, b.at, {REQUEST_PRIORITY},"
        "  'h:' || b.cid || '/' || b.number, 'handoff/' || b.cid || '/' || b.number, b.hid"
        f" FROM temp.brief b JOIN temp.asset a ON a.name = '{BRIEF}'"
    )


def hold_back(db: Connection, world: World, at: int) -> None:
    """Give every candidate that is held back its reason, and the end of the hold where it has one."""
    all_policies = list(policies())
    first = " ".join(f"WHEN {policy.when} THEN '{policy.hold}'" for policy in all_policies)
    ending = [policy for policy in all_policies if policy.until != "NULL"]
    until = " ".join(f"WHEN '{policy.hold}' THEN {policy.until}" for policy in ending)
    names = ", ".join(f"'{policy.hold}'" for policy in ending)
    # Materialized: otherwise SQLite would ask every policy once for each mention of its answer.
    db.execute(
        f"""
        WITH m AS MATERIALIZED (SELECT q.id, CASE {first} END AS held {JOINED} WHERE q.held IS NULL)
        UPDATE temp.candidate AS u SET held = m.held FROM m WHERE m.id = u.id AND m.held IS NOT NULL
        """,
        {"now": at},
    )
    db.execute(
        f"""
        UPDATE temp.candidate AS u SET until = m.until FROM (
          SELECT q.id, CASE q.held {until} END AS until {JOINED} WHERE q.held IN ({names})) AS m WHERE m.id = u.id
        """,
        {"now": at},
    )
    _cap(db, world, at)
    _one_message_each(db)
    limit_channels(db, world, at)


def _cap(db: Connection, world: World, at: int) -> None:
    """Apply the caps per contact over all campaigns: the n-th newest touch must have left the rolling window."""
    for rate in world.config.limits.per_contact:
        parameters = Parameters(now=at, nth=rate.count - 1, seconds=rate.seconds, hold=str(Hold.CAP))
        nth = (
            f"SELECT x.at FROM main.touch x WHERE x.contact_id = q.cid AND x.reaches_contact = 1 AND x.{COUNTED_STATES}"
            " ORDER BY x.at DESC LIMIT 1 OFFSET :nth"
        )
        db.execute(
            f"UPDATE temp.candidate AS u SET held = :hold, until = max(coalesce(u.until, 0), m.nth + :seconds)"
            f" FROM (SELECT q.id, ({nth}) AS nth FROM temp.candidate q"
            "       WHERE q.reaches = 1 AND (q.held IS NULL OR q.held = :hold)) AS m"
            " WHERE m.id = u.id AND m.nth > :now - :seconds",
            parameters,
        )


def _one_message_each(db: Connection) -> None:
    """Let each contact get at most one message per run, and never the same content twice.

    Only contacts with several due touches are checked.
    """
    db.execute(
        f"""
        UPDATE temp.candidate SET held = '{Hold.TURN}' WHERE id IN (
          SELECT id FROM (
            SELECT id, reaches, row_number() OVER (PARTITION BY cid, reaches ORDER BY {ORDER}) AS message,
                   row_number() OVER (PARTITION BY cid, family ORDER BY {ORDER}) AS content
            FROM temp.candidate WHERE held IS NULL
              AND cid IN (SELECT cid FROM temp.candidate WHERE held IS NULL GROUP BY cid HAVING count(*) > 1))
          WHERE (reaches = 1 AND message > 1) OR content > 1)
        """
    )
