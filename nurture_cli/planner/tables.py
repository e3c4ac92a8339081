"""The temporary tables in which plans are made: each declared once, with what its rows say.

They are made when a planner takes over a connection, and only emptied from one instant to the next, so that SQLite's
prepared statements stay valid. Numbers of campaigns and steps are those of `World`; `cid`, `tid`, `rid` and
`hid` are the ids of a contact, a token (an enrollment on its way), a request and a hand-off.

In every statement that reads them these letters stand for one table each:

    c  contact, or contact_now    n  node
    k  campaign                   a  asset
    t  token                      x  touch
    q  candidate

`planned` is the row of contact_now where contact is read as c beside it. Where a statement reads the table again that
it updates, u is the row that is updated, and m what was worked out for it.
"""

from __future__ import annotations

import re

from nurture_cli.store.database import Connection

# The project, laid out once: `world.py` fills these.
PROJECT = """
-- Which planner the tables belong to.
CREATE TEMP TABLE planner (number INTEGER NOT NULL);
-- A campaign. `gap_reach`: how far back a touch can matter for its gap; `again_after`: seconds until it lets in again.
CREATE TEMP TABLE campaign (
  campaign_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, priority INTEGER NOT NULL, paused INTEGER NOT NULL,
  once TEXT NOT NULL, hash TEXT NOT NULL, if_late TEXT NOT NULL, late_after INTEGER NOT NULL,
  gap_reach INTEGER, again_after INTEGER
);
-- A step of a campaign, or the end of a sequence (`step` is NULL).
CREATE TEMP TABLE node (
  node INTEGER PRIMARY KEY, campaign_id INTEGER NOT NULL, sequence TEXT NOT NULL, step TEXT, kind TEXT NOT NULL,
  next INTEGER, asset TEXT
);
-- The node of a step's id, also of an id that was moved.
CREATE TEMP TABLE place (
  campaign_id INTEGER NOT NULL, step TEXT NOT NULL, node INTEGER NOT NULL, PRIMARY KEY (campaign_id, step)
) WITHOUT ROWID;
-- The sequence and the node at which a contact of a stage begins; NULL: the stage has no steps, and the contact rests.
CREATE TEMP TABLE route (
  campaign_id INTEGER NOT NULL, stage TEXT NOT NULL, sequence TEXT, first INTEGER, PRIMARY KEY (campaign_id, stage)
) WITHOUT ROWID;
-- An asset that can be sent, the brief for Sales included.
CREATE TEMP TABLE asset (
  name TEXT PRIMARY KEY, family TEXT NOT NULL, channel TEXT NOT NULL, reaches INTEGER NOT NULL, expires INTEGER,
  hash TEXT NOT NULL
) WITHOUT ROWID;
-- Through which channels a step may send: a stream has several, if its items do.
CREATE TEMP TABLE offer (node INTEGER NOT NULL, channel TEXT NOT NULL, PRIMARY KEY (node, channel)) WITHOUT ROWID;
-- The roles for which an asset is written.
CREATE TEMP TABLE audience (asset TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (asset, role)) WITHOUT ROWID;
-- The stages of contacts who have bought.
CREATE TEMP TABLE bought (stage TEXT PRIMARY KEY) WITHOUT ROWID;
-- The stages in their order.
CREATE TEMP TABLE stage_rank (stage TEXT PRIMARY KEY, rank INTEGER NOT NULL) WITHOUT ROWID;
-- How much interest each kind of event shows, and how many of a kind count on one day.
CREATE TEMP TABLE points (kind TEXT PRIMARY KEY, points REAL NOT NULL, per_day INTEGER NOT NULL) WITHOUT ROWID
"""

# Companies as a whole, see `companies.py`.
COMPANIES = """
-- A company that was worked out, with its interest at the instant of the plan.
CREATE TEMP TABLE company (name TEXT PRIMARY KEY, interest REAL NOT NULL) WITHOUT ROWID;
-- How many people of a company responded last at `at` or later.
CREATE TEMP TABLE company_response (name TEXT NOT NULL, at INTEGER NOT NULL, people INTEGER NOT NULL,
  PRIMARY KEY (name, at)) WITHOUT ROWID;
-- The people of the companies that are being worked out.
CREATE TEMP TABLE colleague (cid INTEGER PRIMARY KEY, company TEXT NOT NULL, interest REAL NOT NULL, last INTEGER)
"""

# What is decided at one instant.
DECISIONS = """
-- Contacts about whom something is new.
CREATE TEMP TABLE dirty (cid INTEGER PRIMARY KEY);
-- Enrollments that this plan looks at.
CREATE TEMP TABLE looked_at (id INTEGER PRIMARY KEY);
-- Open requests that are looked at.
CREATE TEMP TABLE looked_at_request (id INTEGER PRIMARY KEY);
-- The first of those who wait behind the limit of a channel, by enrollment or by request.
CREATE TEMP TABLE waiting (
  channel TEXT NOT NULL, eid INTEGER, rid INTEGER, priority INTEGER NOT NULL, due INTEGER NOT NULL,
  campaign_id INTEGER, cid INTEGER NOT NULL
);
-- Where others wait behind the last one who is looked at: the room of the channel, and that one's place in the order.
CREATE TEMP TABLE horizon (
  channel TEXT PRIMARY KEY, room INTEGER NOT NULL, key1 INTEGER NOT NULL, key2 INTEGER NOT NULL, key3 INTEGER NOT NULL,
  key4 INTEGER NOT NULL
);
-- Scores of contacts about whom something is new: they go before those of main.standing.
CREATE TEMP TABLE standing (
  contact_id INTEGER PRIMARY KEY, fit INTEGER NOT NULL, fit_why TEXT NOT NULL, heat REAL NOT NULL,
  responses INTEGER NOT NULL, company TEXT, weight REAL NOT NULL
);
CREATE INDEX temp.standing_by_company ON standing (company);
-- The scores of everybody, as far as this plan knows them.
CREATE TEMP VIEW present AS
  SELECT contact_id, fit, fit_why, heat, responses, company, weight FROM temp.standing
  UNION ALL
  SELECT contact_id, fit, fit_why, heat, responses, company, weight FROM main.standing
  WHERE contact_id NOT IN (SELECT contact_id FROM temp.standing);
-- The heat of contacts who responded, from which standing is made.
CREATE TEMP TABLE warmth (cid INTEGER PRIMARY KEY, heat REAL NOT NULL, responses INTEGER NOT NULL);
-- Contacts who meet criteria, and the number of the stage to which these lead.
CREATE TEMP TABLE forward (cid INTEGER PRIMARY KEY, target INTEGER NOT NULL);
-- Moves from stage to stage, in their order.
CREATE TEMP TABLE stage_change (n INTEGER PRIMARY KEY, cid INTEGER NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL,
  cause TEXT NOT NULL, version TEXT NOT NULL DEFAULT '', facts TEXT NOT NULL DEFAULT '{}');
CREATE INDEX temp.stage_change_of ON stage_change (cid);
-- Contacts who are handed to Sales.
CREATE TEMP TABLE handing (cid INTEGER PRIMARY KEY, cause TEXT NOT NULL, stage TEXT NOT NULL);
-- Open hand-offs of contacts who have bought.
CREATE TEMP TABLE sold (hid INTEGER PRIMARY KEY, cid INTEGER NOT NULL);
-- Contacts whose rest is over, and the campaign that their return names (NULL: any that lets them in).
CREATE TEMP TABLE comeback (
  recycling_id INTEGER PRIMARY KEY, cid INTEGER NOT NULL, campaign_id INTEGER, why TEXT NOT NULL
);
-- Contacts about whom something is new who have done something since they became known.
CREATE TEMP TABLE active (cid INTEGER PRIMARY KEY);
-- Signals of the radar that this plan notices about contacts; those that rest on history alone (1) are not told.
CREATE TEMP TABLE alert (cid INTEGER NOT NULL, signal TEXT NOT NULL, history INTEGER NOT NULL, facts TEXT NOT NULL,
  PRIMARY KEY (cid, signal)) WITHOUT ROWID;
-- To-dos that follow from what was noticed.
CREATE TEMP TABLE todo (key TEXT PRIMARY KEY, cid INTEGER NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL)
  WITHOUT ROWID;
-- An enrollment on its way through the plan; `tid` is its id, or counts down from -1 for contacts who enter now.
--   hop, items_sent, anchor: as in main.enrollment; `items_sent` counts the items that the stream at hand has sent
--   doing: GOES, WAITS, … of `tokens.py`; fresh: SEEN, FRESH, RULES_LEFT, what is still to be looked at
--   decided: what its step has decided (a way out, why a send is passed by), NULL while that is open
--   chosen: 1 for the tokens that the statements of one move are about; rule: the number of the rule that fires
--   steps: how many it took in this plan; stuck: why it cannot move; ended: how it ended in this plan
--   hop_before, done_before: hop, and whether the step was done, as the plan found them; NULL and 0 for a new one
--   held, held_since, held_until: by what, since and until when the last run held it back
CREATE TEMP TABLE token (
  tid INTEGER PRIMARY KEY,
  cid INTEGER NOT NULL, campaign_id INTEGER NOT NULL, pass INTEGER NOT NULL, entered INTEGER NOT NULL,
  sequence TEXT, node INTEGER, last_step TEXT,
  hop INTEGER NOT NULL, items_sent INTEGER NOT NULL, anchor INTEGER NOT NULL,
  doing INTEGER NOT NULL, fresh INTEGER NOT NULL DEFAULT 1, steps INTEGER NOT NULL DEFAULT 0,
  due INTEGER, wake INTEGER, asset TEXT, decided TEXT, rule INTEGER, chosen INTEGER NOT NULL DEFAULT 0, stuck TEXT,
  ended TEXT, hop_before INTEGER, done_before INTEGER NOT NULL DEFAULT 0,
  held TEXT, held_since INTEGER, held_until INTEGER
);
CREATE INDEX temp.token_at ON token (node);
CREATE INDEX temp.token_of ON token (cid);
-- Tags that campaigns set (`present` = 1) or take away.
CREATE TEMP TABLE tag_delta (cid INTEGER NOT NULL, tag TEXT NOT NULL, present INTEGER NOT NULL,
  PRIMARY KEY (cid, tag)) WITHOUT ROWID;
-- The place of an enrollment in a sequence that it leaves.
CREATE TEMP TABLE shelf (tid INTEGER NOT NULL, sequence TEXT NOT NULL, step TEXT NOT NULL, done INTEGER NOT NULL,
  items_sent INTEGER NOT NULL, anchor INTEGER NOT NULL, PRIMARY KEY (tid, sequence)) WITHOUT ROWID;
-- Decisions about enrollments, in order, with the facts seen.
CREATE TEMP TABLE log (n INTEGER PRIMARY KEY, tid INTEGER NOT NULL, hop INTEGER NOT NULL, kind TEXT NOT NULL,
  step TEXT NOT NULL, outcome TEXT NOT NULL, facts TEXT NOT NULL DEFAULT '{}');
CREATE INDEX temp.log_of ON log (tid, kind, step);
-- The arms of splits that the plan assigns.
CREATE TEMP TABLE assign (cid INTEGER NOT NULL, split TEXT NOT NULL, arm TEXT NOT NULL, PRIMARY KEY (cid, split))
  WITHOUT ROWID;
-- Contacts that the first run of a campaign passes over, and those passed over before that no longer match.
CREATE TEMP TABLE passing (campaign_id INTEGER NOT NULL, cid INTEGER NOT NULL, PRIMARY KEY (campaign_id, cid))
  WITHOUT ROWID;
CREATE TEMP TABLE unpassing (campaign_id INTEGER NOT NULL, cid INTEGER NOT NULL, PRIMARY KEY (campaign_id, cid))
  WITHOUT ROWID;
-- Open requests that are looked at; `closes` is how and why one ends without being sent.
CREATE TEMP TABLE asked (
  rid INTEGER PRIMARY KEY, cid INTEGER NOT NULL, asset TEXT NOT NULL, at INTEGER NOT NULL, family TEXT, channel TEXT,
  reaches INTEGER, closes TEXT
);
-- Hand-offs whose brief Sales has not received; `number` counts those of one contact, `hid` is NULL for a new one.
CREATE TEMP TABLE brief (cid INTEGER NOT NULL, hid INTEGER, at INTEGER NOT NULL, number INTEGER NOT NULL);
-- A touch that wants to go out. `touch` is its own earlier attempt; `doubt`: another one may have brought the content.
-- `held` is what holds it back and `until` when that ends (NULL: when something changes).
CREATE TEMP TABLE candidate (
  id INTEGER PRIMARY KEY, tid INTEGER, rid INTEGER, cid INTEGER NOT NULL, campaign_id INTEGER, node INTEGER,
  hop INTEGER NOT NULL, asset TEXT, family TEXT, channel TEXT, reaches INTEGER NOT NULL, due INTEGER NOT NULL,
  priority INTEGER NOT NULL, scope TEXT NOT NULL, key TEXT NOT NULL, touch INTEGER,
  doubt INTEGER NOT NULL DEFAULT 0, held TEXT, until INTEGER, hid INTEGER
);
CREATE INDEX temp.candidate_of ON candidate (cid);
-- What is due, in the order in which it goes out.
CREATE TEMP TABLE queue (candidate INTEGER NOT NULL);
-- The state of each enrollment when the plan is applied: what `main.enrollment` is to say. `eid` is its id there, also
-- for those who enter now.
CREATE TEMP TABLE outcome (
  tid INTEGER PRIMARY KEY, eid INTEGER NOT NULL, cid INTEGER NOT NULL, campaign TEXT NOT NULL, pass INTEGER NOT NULL,
  entered INTEGER NOT NULL, ended_at INTEGER, end_reason TEXT, state TEXT NOT NULL, sequence TEXT,
  step TEXT, step_done INTEGER NOT NULL, hop INTEGER NOT NULL, items_sent INTEGER NOT NULL, anchor INTEGER NOT NULL,
  due_at INTEGER, wake_at INTEGER, held_reason TEXT, held_since INTEGER, held_until INTEGER
)
"""

_MADE = re.compile(r"CREATE TEMP (TABLE|VIEW) (\w+)")


def _statements(sql: str) -> list[str]:
    bare = "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
    return [statement for statement in bare.split(";\n") if statement.strip()]


def _names(sql: str) -> list[str]:
    return [name for kind, name in _MADE.findall(sql) if kind == "TABLE"]


def owner(db: Connection) -> int | None:
    """The number of the planner to which the tables of a connection belong; None where there are none."""
    if db.execute("SELECT 1 FROM temp.sqlite_master WHERE name = 'planner'").fetchone() is None:
        return None
    number: int = db.execute("SELECT number FROM temp.planner").fetchone()[0]
    return number


def make_tables(db: Connection, number: int) -> None:
    """Make all tables, empty, for the planner with this number; those of an earlier planner are dropped."""
    for kind, name in db.execute(
        "SELECT type, name FROM temp.sqlite_master WHERE type IN ('view', 'table') ORDER BY type = 'table'"
    ).fetchall():
        db.execute(f"DROP {kind} temp.{name}")
    for statement in _statements(";\n".join((PROJECT, COMPANIES, DECISIONS))):
        db.execute(statement)
    db.execute(f"CREATE TEMP TABLE contact_now ({_contact_columns(db)})")
    db.execute("INSERT INTO temp.planner VALUES (?)", (number,))


def empty_decisions(db: Connection) -> None:
    """Forget what was decided at an earlier instant."""
    for name in (*_names(COMPANIES), *_names(DECISIONS), "contact_now"):
        db.execute(f"DELETE FROM temp.{name}")


def about_contacts() -> list[str]:
    """The tables of decisions in which each row is about one contact, `cid`."""
    made = (statement for statement in _statements(DECISIONS) if re.search(r"\bcid INTEGER", statement))
    return [_MADE.findall(statement)[0][1] for statement in made]


def make_companies(db: Connection) -> None:
    """Make the tables of companies, empty, on a connection without a planner."""
    for name in _names(COMPANIES):
        db.execute(f"DROP TABLE IF EXISTS temp.{name}")
    for statement in _statements(COMPANIES):
        db.execute(statement)


def _contact_columns(db: Connection) -> str:
    """The columns of a contact, found by its id without an index, and whether the plan changed it."""
    columns = db.execute("SELECT name, type FROM pragma_table_info('contact', 'main')").fetchall()
    described = [f"{name} {kind}{' PRIMARY KEY' if name == 'id' else ''}" for name, kind in columns]
    return ", ".join([*described, "touched INTEGER NOT NULL"])
