-- The store of a project. Every instant is whole seconds since 1970-01-01 UTC; every text is what the user gave.

-- Which installation this file belongs to, and what the last run left behind. One row.
CREATE TABLE instance (
  one             INTEGER PRIMARY KEY CHECK (one = 1),
  id              TEXT    NOT NULL,              -- random, made by init; binds the send journal to this file
  created_at      INTEGER NOT NULL,
  host            TEXT    NOT NULL,              -- hash of machine id; a copy elsewhere is noticed
  path            TEXT    NOT NULL,              -- where the file was; a copy elsewhere is noticed
  last_run_at     INTEGER,                       -- a clock behind this is noticed
  journal_size    INTEGER NOT NULL DEFAULT 0,    -- bytes of the send journal that this file knows of
  contact_cursor  INTEGER NOT NULL DEFAULT 0,    -- contacts up to this id were looked at by a run
  settled_files   TEXT                           -- fingerprint of the files under which a run left nothing undone but
                                                 -- what changes or time bring; NULL: everybody must be looked at
) STRICT;

CREATE TABLE contact (
  id              INTEGER PRIMARY KEY,
  email           TEXT    NOT NULL CHECK (length(email) BETWEEN 3 AND 254),  -- as it is written to, ASCII domain
  address_hash    BLOB    NOT NULL UNIQUE CHECK (length(address_hash) = 16), -- keyed hash of the normalised address
  first_name      TEXT,
  last_name       TEXT,
  company         TEXT,
  job_title       TEXT,
  role            TEXT,
  phone           TEXT,
  country         TEXT,
  language        TEXT,
  source          TEXT,
  stage           TEXT    NOT NULL,
  stage_at        INTEGER NOT NULL,
  furthest_stage  TEXT    NOT NULL DEFAULT '',   -- the furthest one ever; '': never further than now
  zone            TEXT,                          -- IANA name; NULL: the project's zone
  zone_given      TEXT,                          -- what was given, when it was not an IANA name
  consent         TEXT    NOT NULL DEFAULT 'unknown'
                  CHECK (consent IN ('express', 'implied', 'unknown', 'withdrawn')),
  consent_basis   TEXT,                          -- in words: the form, the contract, the wording
  consent_source  TEXT,                          -- where it was given
  consent_at      INTEGER,
  consent_until   INTEGER,                       -- implied consent ends
  fields          TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(fields)),  -- declared custom fields
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL
) STRICT;

CREATE TABLE contact_tag (
  contact_id      INTEGER NOT NULL REFERENCES contact (id),
  tag             TEXT    NOT NULL CHECK (tag <> ''),
  PRIMARY KEY (contact_id, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_tag_by_tag ON contact_tag (tag, contact_id);

CREATE TABLE stage_move (
  id              INTEGER PRIMARY KEY,
  contact_id      INTEGER NOT NULL REFERENCES contact (id),
  from_stage      TEXT    NOT NULL,
  to_stage        TEXT    NOT NULL,
  at              INTEGER NOT NULL,
  cause           TEXT    NOT NULL,              -- campaign/step, criteria, radar/signal, or the command
  reason          TEXT    NOT NULL DEFAULT '',   -- of a move back; '': forward
  version         TEXT    NOT NULL DEFAULT '',   -- of the agreement whose criteria were met
  facts           TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(facts))  -- that were seen
) STRICT;
CREATE INDEX stage_move_by_contact ON stage_move (contact_id, at);

-- What is worked out of a contact's facts and responses, brought up to date when something about the contact changes.
CREATE TABLE standing (
  contact_id      INTEGER PRIMARY KEY REFERENCES contact (id),
  fit             INTEGER NOT NULL,
  fit_why         TEXT    NOT NULL CHECK (json_valid(fit_why)),  -- the rules that gave points
  heat            REAL    NOT NULL,              -- log2 of the interest, scaled to one instant for ever: see scores.py
  responses       INTEGER NOT NULL,              -- that counted
  company         TEXT,                          -- as it is compared with others
  weight          REAL    NOT NULL               -- of this person's interest in that of the company
) STRICT;
CREATE INDEX standing_by_company ON standing (company) WHERE company IS NOT NULL;

-- Under which rules everybody was last judged: edited ones judge everybody anew. One row.
CREATE TABLE funnel_seen (
  one             INTEGER PRIMARY KEY CHECK (one = 1),
  scoring         TEXT    NOT NULL,
  criteria        TEXT    NOT NULL CHECK (json_valid(criteria)),  -- a hash for each stage
  at              INTEGER NOT NULL
) STRICT;

-- One contact handed to Sales. It is in their hands until it is closed.
CREATE TABLE handoff (
  id              INTEGER PRIMARY KEY,
  contact_id      INTEGER NOT NULL REFERENCES contact (id),
  at              INTEGER NOT NULL,
  cause           TEXT    NOT NULL,              -- campaign/step, criteria, or the command
  stage           TEXT    NOT NULL,              -- in which the contact stood then
  version         TEXT    NOT NULL,              -- of the agreement
  sort            TEXT    NOT NULL CHECK (sort IN ('new', 'known-passive', 'known-active')),
  state           TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'rejected', 'won', 'lost')),
  briefed_at      INTEGER,                       -- when the brief left for Sales
  answered_at     INTEGER,                       -- accepted or rejected
  closed_at       INTEGER,
  reason          TEXT,                          -- of a rejection or a loss
  value           REAL,                          -- of a sale
  CHECK ((state IN ('open', 'accepted')) = (closed_at IS NULL)),
  CHECK ((state IN ('rejected', 'lost')) = (reason IS NOT NULL)),
  CHECK (value IS NULL OR state = 'won')
) STRICT;
CREATE UNIQUE INDEX handoff_one_open ON handoff (contact_id) WHERE closed_at IS NULL;
CREATE INDEX handoff_unbriefed ON handoff (contact_id) WHERE briefed_at IS NULL AND closed_at IS NULL;
CREATE INDEX handoff_by_contact ON handoff (contact_id, at);

-- One contact given back, and what follows: a rest, then perhaps a campaign.
CREATE TABLE recycling (
  id              INTEGER PRIMARY KEY,
  contact_id      INTEGER NOT NULL REFERENCES contact (id),
  at              INTEGER NOT NULL,
  reason          TEXT    NOT NULL,
  interest        TEXT    NOT NULL CHECK (interest IN ('keep', 'halve', 'reset')),
  rest_until      INTEGER NOT NULL,
  campaign        TEXT    NOT NULL,              -- to enter then; '': whichever lets the contact in
  closed_at       INTEGER,
  closed_why      TEXT,
  CHECK ((closed_at IS NULL) = (closed_why IS NULL))
) STRICT;
CREATE UNIQUE INDEX recycling_one_open ON recycling (contact_id) WHERE closed_at IS NULL;
CREATE INDEX recycling_wake ON recycling (rest_until) WHERE closed_at IS NULL;
CREATE INDEX recycling_by_contact ON recycling (contact_id, at);

-- A signal of the radar that was told of a contact.
CREATE TABLE alert (
  id              INTEGER PRIMARY KEY,
  contact_id      INTEGER NOT NULL REFERENCES contact (id),
  signal          TEXT    NOT NULL,
  at              INTEGER NOT NULL,
  facts           TEXT    NOT NULL CHECK (json_valid(facts))
) STRICT;
CREATE INDEX alert_by_contact ON alert (contact_id, signal, at);

-- Who brought whom.
CREATE TABLE referral (
  contact_id      INTEGER PRIMARY KEY REFERENCES contact (id),
  referrer_id     INTEGER NOT NULL REFERENCES contact (id) CHECK (referrer_id <> contact_id),
  at              INTEGER NOT NULL
) STRICT;
CREATE INDEX referral_by_referrer ON referral (referrer_id);

-- One thing from a contact to us.
CREATE TABLE event (
  id              INTEGER PRIMARY KEY,
  contact_id      INTEGER NOT NULL REFERENCES contact (id),
  kind            TEXT    NOT NULL CHECK (kind <> ''),
  asset           TEXT    NOT NULL DEFAULT '',   -- '': about no asset
  at              INTEGER NOT NULL,
  recorded_at     INTEGER NOT NULL,
  source          TEXT    NOT NULL,
  key             TEXT    NOT NULL UNIQUE,       -- the same event told twice is one
  machine         INTEGER NOT NULL DEFAULT 0 CHECK (machine IN (0, 1)),  -- judged to be a machine's
  properties      TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(properties))
) STRICT;
CREATE INDEX event_fact ON event (contact_id, kind, asset, at) WHERE machine = 0;

-- Never write to: keyed by the address hash alone, so that it outlives the contact.
CREATE TABLE suppression (
  id              INTEGER PRIMARY KEY,
  address_hash    BLOB    NOT NULL CHECK (length(address_hash) = 16),
  reason          TEXT    NOT NULL CHECK (reason IN ('unsubscribed', 'hard-bounce', 'complaint', 'erased', 'manual')),
  source          TEXT    NOT NULL,
  at              INTEGER NOT NULL,
  lifted_at       INTEGER,
  lifted_why      TEXT,
  CHECK ((lifted_at IS NULL) = (lifted_why IS NULL))
) STRICT;
CREATE UNIQUE INDEX suppression_in_force ON suppression (address_hash) WHERE lifted_at IS NULL;

-- A campaign that a run has seen.
CREATE TABLE campaign_seen (
  name            TEXT    PRIMARY KEY,
  first_run_at    INTEGER NOT NULL,
  enter_hash      TEXT    NOT NULL,              -- of the entry condition: an edited one counts as new
  file_hash       TEXT    NOT NULL,
  seen_at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Contacts that already matched before the first run of a campaign without back-fill.
CREATE TABLE passed_over (
  campaign        TEXT    NOT NULL,
  contact_id      INTEGER NOT NULL REFERENCES contact (id),
  at              INTEGER NOT NULL,
  PRIMARY KEY (campaign, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX passed_over_by_contact ON passed_over (contact_id);

-- One contact's passage through one campaign. It stands at one step: `step` (done or not) of `sequence`.
CREATE TABLE enrollment (
  id              INTEGER PRIMARY KEY,
  contact_id      INTEGER NOT NULL REFERENCES contact (id),
  campaign        TEXT    NOT NULL,
  pass            INTEGER NOT NULL CHECK (pass >= 1),
  entered_at      INTEGER NOT NULL,
  ended_at        INTEGER,
  end_reason      TEXT,
  state           TEXT    NOT NULL CHECK (state IN ('moving', 'waiting', 'held', 'exhausted', 'resting', 'ended')),
  sequence        TEXT,                          -- NULL: its stage has no sequence, it rests
  step            TEXT,
  step_done       INTEGER NOT NULL DEFAULT 0 CHECK (step_done IN (0, 1)),
  hop             INTEGER NOT NULL DEFAULT 0,    -- number of this arrival in the pass; never the same twice
  casts           INTEGER NOT NULL DEFAULT 0,    -- turns of the stream stood at
  arrived_at      INTEGER NOT NULL,              -- at this step
  anchor_at       INTEGER NOT NULL,              -- the last thing that really happened: waits count from here
  due_at          INTEGER,                       -- when the step's time comes or came
  wake_at         INTEGER,                       -- when a run must look again (an ended one: whether a new pass begins);
                                                 -- NULL: only when something changes
  held_reason     TEXT,
  held_since      INTEGER,
  held_until      INTEGER,
  UNIQUE (contact_id, campaign, pass),
  CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
  CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
  CHECK ((state = 'held') = (held_reason IS NOT NULL)),
  CHECK ((held_reason IS NULL) = (held_since IS NULL)),
  CHECK (state NOT IN ('moving', 'waiting', 'held', 'exhausted') OR (sequence IS NOT NULL AND step IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX enrollment_one_open ON enrollment (contact_id, campaign) WHERE ended_at IS NULL;
CREATE INDEX enrollment_wake ON enrollment (wake_at, ended_at, contact_id) WHERE wake_at IS NOT NULL;
CREATE INDEX enrollment_state ON enrollment (campaign, state, held_reason) WHERE ended_at IS NULL;

-- Where an enrollment stood in a sequence that it left because the contact's stage changed.
CREATE TABLE bookmark (
  enrollment_id   INTEGER NOT NULL REFERENCES enrollment (id),
  sequence        TEXT    NOT NULL,
  step            TEXT    NOT NULL,
  step_done       INTEGER NOT NULL CHECK (step_done IN (0, 1)),
  casts           INTEGER NOT NULL,
  arrived_at      INTEGER NOT NULL,
  anchor_at       INTEGER NOT NULL,
  PRIMARY KEY (enrollment_id, sequence)
) STRICT, WITHOUT ROWID;

-- What was decided, once, with the facts seen. Append-only.
CREATE TABLE decision (
  id              INTEGER PRIMARY KEY,
  enrollment_id   INTEGER NOT NULL REFERENCES enrollment (id),
  hop             INTEGER NOT NULL,
  kind            TEXT    NOT NULL,              -- entered, ended, branch, split, wait_for, rule, set, stage, goto, skipped, sequence
  step            TEXT    NOT NULL,
  outcome         TEXT    NOT NULL,
  facts           TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(facts)),
  campaign_hash   TEXT    NOT NULL,
  at              INTEGER NOT NULL,
  UNIQUE (enrollment_id, hop, kind, step)
) STRICT;

-- The arm of a split, at first assignment, over all campaigns and passes.
CREATE TABLE assignment (
  contact_id      INTEGER NOT NULL REFERENCES contact (id),
  split           TEXT    NOT NULL,
  arm             TEXT    NOT NULL,
  at              INTEGER NOT NULL,
  PRIMARY KEY (contact_id, split)
) STRICT, WITHOUT ROWID;

-- An asset asked for by the contact.
CREATE TABLE request (
  id              INTEGER PRIMARY KEY,
  event_id        INTEGER NOT NULL UNIQUE REFERENCES event (id),
  contact_id      INTEGER NOT NULL REFERENCES contact (id),
  asset           TEXT    NOT NULL,
  requested_at    INTEGER NOT NULL,
  state           TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'sent', 'received', 'refused')),
  closed_at       INTEGER,
  closed_why      TEXT,
  wake_at         INTEGER,
  held_reason     TEXT,
  held_since      INTEGER,
  held_until      INTEGER,
  CHECK ((state = 'open') = (closed_at IS NULL))
) STRICT;
CREATE INDEX request_open ON request (wake_at) WHERE state = 'open';
CREATE INDEX request_by_contact ON request (contact_id);

-- The ledger of what we sent, or must not send again. Append-only: rows are never deleted, `sent` never changes.
CREATE TABLE touch (
  id              INTEGER PRIMARY KEY,
  key             TEXT    NOT NULL UNIQUE,       -- campaign/pass/contact/hop, or request/id: the identity (R6)
  contact_id      INTEGER NOT NULL REFERENCES contact (id),
  enrollment_id   INTEGER REFERENCES enrollment (id),
  request_id      INTEGER REFERENCES request (id),
  handoff_id      INTEGER REFERENCES handoff (id),  -- the brief for Sales
  campaign        TEXT    NOT NULL,              -- '' for a request or a brief
  step            TEXT    NOT NULL,              -- '' for a request or a brief
  hop             INTEGER NOT NULL,
  asset           TEXT    NOT NULL,
  family          TEXT    NOT NULL,              -- the asset it counts as
  once_scope      TEXT    NOT NULL,              -- within this scope the family goes to the contact once
  channel         TEXT    NOT NULL,
  reaches_contact INTEGER NOT NULL CHECK (reaches_contact IN (0, 1)),  -- 0: a task for the marketer
  stream          INTEGER NOT NULL DEFAULT 0 CHECK (stream IN (0, 1)),  -- 1: a turn of a stream, whose step goes on
  state           TEXT    NOT NULL CHECK (       -- in pairs, for which SQLite needs no table of its own
    state IN ('claimed', 'committing') OR state IN ('sent', 'planned') OR state IN ('failed', 'skipped') OR state = 'unknown'),
  counted         INTEGER NOT NULL DEFAULT 0 CHECK (counted IN (0, 1)),  -- 1: taken, sent or in doubt; by a trigger
  reason          TEXT    NOT NULL CHECK (reason <> ''),
  at              INTEGER NOT NULL,              -- of the last change of state
  due_at          INTEGER NOT NULL,
  attempts        INTEGER NOT NULL DEFAULT 0,
  first_tried_at  INTEGER,                       -- the first attempt that was put off: how long to go on trying
  next_try_at     INTEGER,
  message_id      TEXT    NOT NULL UNIQUE,
  campaign_hash   TEXT    NOT NULL,
  asset_hash      TEXT    NOT NULL,
  body_hash       TEXT,
  run_id          INTEGER NOT NULL,
  code            INTEGER,
  reply           TEXT,
  digest          INTEGER NOT NULL,              -- crc32 of what never changes; a flipped bit is noticed by doctor
  CHECK ((enrollment_id IS NOT NULL) + (request_id IS NOT NULL) + (handoff_id IS NOT NULL) = 1),
  CHECK (state <> 'planned' OR next_try_at IS NOT NULL),
  CHECK (body_hash IS NOT NULL OR (state NOT IN ('committing', 'sent') AND state <> 'unknown'))
) STRICT;
-- These look at `counted` and not at `state`, and so stay as they are while a touch goes from claimed to sent.
CREATE UNIQUE INDEX touch_once ON touch (contact_id, family, once_scope) WHERE counted = 1;
CREATE INDEX touch_cap ON touch (contact_id, at) WHERE reaches_contact = 1 AND counted = 1;
CREATE INDEX touch_channel ON touch (channel, at) WHERE counted = 1;
CREATE INDEX touch_place ON touch (enrollment_id, hop);
CREATE INDEX touch_may_have_arrived ON touch (contact_id)
  WHERE state IN ('planned', 'failed') AND body_hash IS NOT NULL;
CREATE INDEX touch_unsettled ON touch (state) WHERE state <> 'sent' AND state <> 'skipped';

CREATE TRIGGER touch_counted_when_made AFTER INSERT ON touch
WHEN new.counted <> (new.state = 'claimed' OR new.state = 'committing' OR new.state = 'sent' OR new.state = 'unknown')
BEGIN UPDATE touch SET counted = 1 - new.counted WHERE id = new.id; END;
CREATE TRIGGER touch_counted AFTER UPDATE OF state ON touch
WHEN new.counted <> (new.state = 'claimed' OR new.state = 'committing' OR new.state = 'sent' OR new.state = 'unknown')
BEGIN UPDATE touch SET counted = 1 - new.counted WHERE id = new.id; END;
CREATE TRIGGER touch_is_append_only BEFORE DELETE ON touch
BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER touch_transition BEFORE UPDATE OF state ON touch
WHEN old.state <> new.state AND NOT CASE old.state
  WHEN 'claimed' THEN new.state IN ('committing', 'planned') OR new.state IN ('failed', 'skipped')
  WHEN 'committing' THEN new.state IN ('sent', 'planned') OR new.state IN ('failed', 'unknown')
  WHEN 'planned' THEN new.state IN ('claimed', 'skipped', 'failed')
  WHEN 'unknown' THEN new.state IN ('sent', 'failed', 'planned')
  WHEN 'failed' THEN new.state IN ('planned', 'claimed', 'skipped')
  ELSE 0 END
BEGIN SELECT raise(ABORT, 'no such transition of a touch'); END;

-- To-dos for the marketer, made by touches of a task channel, or by what a plan noticed.
CREATE TABLE task (
  id              INTEGER PRIMARY KEY,
  touch_id        INTEGER UNIQUE REFERENCES touch (id),
  key             TEXT    UNIQUE,                -- what was noticed, so that it is told once
  contact_id      INTEGER NOT NULL REFERENCES contact (id),
  title           TEXT    NOT NULL,
  body            TEXT    NOT NULL,
  made_at         INTEGER NOT NULL,
  done_at         INTEGER,
  note            TEXT,
  CHECK ((touch_id IS NULL) <> (key IS NULL))
) STRICT;
CREATE INDEX task_open ON task (made_at) WHERE done_at IS NULL;

CREATE TABLE run (
  id              INTEGER PRIMARY KEY,
  started_at      INTEGER NOT NULL,
  ended_at        INTEGER,
  due             INTEGER NOT NULL DEFAULT 0,
  sent            INTEGER NOT NULL DEFAULT 0,
  failed          INTEGER NOT NULL DEFAULT 0,
  deferred        INTEGER NOT NULL DEFAULT 0,
  unknown         INTEGER NOT NULL DEFAULT 0,
  held            INTEGER NOT NULL DEFAULT 0,
  ended           TEXT                           -- in words: done, stopped by a signal, relay down, …
) STRICT;

CREATE TABLE import (
  id              INTEGER PRIMARY KEY,
  at              INTEGER NOT NULL,
  kind            TEXT    NOT NULL CHECK (kind IN ('contacts', 'events')),
  file            TEXT    NOT NULL,
  file_hash       TEXT    NOT NULL,
  counts          TEXT    NOT NULL CHECK (json_valid(counts))
) STRICT;

-- Contacts about whom something changed since a run last looked; consumed by `run`. Ids are never used again.
CREATE TABLE change (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  contact_id      INTEGER NOT NULL,
  run_id          INTEGER                        -- the run that caused it by a touch; NULL: anything else
) STRICT;
CREATE INDEX change_by_contact ON change (contact_id, id);

CREATE TRIGGER changed_by_event AFTER INSERT ON event
BEGIN INSERT INTO change (contact_id) VALUES (new.contact_id); END;
CREATE TRIGGER changed_by_verdict AFTER UPDATE OF machine ON event WHEN old.machine <> new.machine
BEGIN INSERT INTO change (contact_id) VALUES (new.contact_id); END;
CREATE TRIGGER changed_by_update AFTER UPDATE ON contact
BEGIN INSERT INTO change (contact_id) VALUES (new.id); END;
CREATE TRIGGER changed_by_tag AFTER INSERT ON contact_tag
BEGIN INSERT INTO change (contact_id) VALUES (new.contact_id); END;
CREATE TRIGGER changed_by_untag AFTER DELETE ON contact_tag
BEGIN INSERT INTO change (contact_id) VALUES (old.contact_id); END;
CREATE TRIGGER changed_by_suppression AFTER INSERT ON suppression
BEGIN INSERT INTO change (contact_id) SELECT id FROM contact WHERE address_hash = new.address_hash; END;
CREATE TRIGGER changed_by_lifting AFTER UPDATE OF lifted_at ON suppression
BEGIN INSERT INTO change (contact_id) SELECT id FROM contact WHERE address_hash = new.address_hash; END;
-- A touch is looked at by the run after the one that claimed it, whatever becomes of it; settling it writes no more.
CREATE TRIGGER changed_by_claim AFTER INSERT ON touch WHEN new.state = 'claimed'
BEGIN INSERT INTO change (contact_id, run_id) VALUES (new.contact_id, new.run_id); END;
CREATE TRIGGER changed_by_touch AFTER UPDATE OF state ON touch
WHEN new.state = 'claimed'
  OR (old.state NOT IN ('claimed', 'committing') AND new.state IN ('sent', 'failed', 'skipped'))
BEGIN INSERT INTO change (contact_id, run_id) VALUES (new.contact_id, new.run_id); END;
CREATE TRIGGER briefed_by_touch AFTER UPDATE OF state ON touch WHEN new.state = 'sent' AND new.handoff_id IS NOT NULL
BEGIN UPDATE handoff SET briefed_at = new.at WHERE id = new.handoff_id; END;
CREATE TRIGGER request_by_event AFTER INSERT ON event
WHEN new.kind = 'requested' AND new.asset <> '' AND new.machine = 0
BEGIN
  INSERT INTO request (event_id, contact_id, asset, requested_at, wake_at)
  VALUES (new.id, new.contact_id, new.asset, new.at, new.at);
END;

-- Who unsubscribes or complains is never written to again, whoever brings the news, and at once.
CREATE TRIGGER suppressed_by_event AFTER INSERT ON event WHEN new.kind IN ('unsubscribed', 'complained')
BEGIN
  INSERT INTO suppression (address_hash, reason, source, at)
  SELECT c.address_hash, iif(new.kind = 'complained', 'complaint', 'unsubscribed'), new.source, new.at FROM contact c
  WHERE c.id = new.contact_id
    AND NOT EXISTS (SELECT 1 FROM suppression s WHERE s.address_hash = c.address_hash AND s.lifted_at IS NULL);
END;
