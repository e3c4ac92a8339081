-- The send journal tells of suppressions as well, so that whoever left after a backup stays out when it is restored. And a
-- flipped bit is noticed where SQLite alone would take what it left for another valid value.

-- 1: the journal tells of the row as it is. Whatever adds or lifts a suppression, the next to write it down finds it.
ALTER TABLE suppression ADD COLUMN witnessed INTEGER NOT NULL DEFAULT 0 CHECK (witnessed IN (0, 1));
CREATE INDEX suppression_unwitnessed ON suppression (id) WHERE witnessed = 0;
CREATE TRIGGER unwitnessed_by_lifting AFTER UPDATE OF lifted_at ON suppression WHEN new.witnessed = 1
BEGIN UPDATE suppression SET witnessed = 0 WHERE id = new.id; END;

-- Small tables get an index over all of their columns: `PRAGMA integrity_check` compares it with the rows.
CREATE INDEX suppression_twice ON suppression (address_hash, id, reason, source, at, lifted_at, lifted_why);
CREATE INDEX instance_twice ON instance (id, created_at, host, path, last_run_at, contact_cursor, settled_files, key_fingerprint);
CREATE INDEX funnel_seen_twice ON funnel_seen (scoring, criteria, at);
CREATE INDEX campaign_seen_twice ON campaign_seen (name, first_run_at, enter_hash, file_hash, seen_at);
CREATE INDEX assignment_twice ON assignment (contact_id, split, arm, at);
CREATE INDEX bookmark_twice ON bookmark (enrollment_id, sequence, step, step_done, casts, arrived_at, anchor_at);
CREATE INDEX passed_over_twice ON passed_over (campaign, contact_id, at);
CREATE INDEX handoff_twice ON handoff (
  id, contact_id, at, cause, stage, version, sort, state, briefed_at, answered_at, closed_at, reason, value);
CREATE INDEX recycling_twice ON recycling (
  id, contact_id, at, reason, interest, rest_until, campaign, closed_at, closed_why);
CREATE INDEX request_twice ON request (
  id, event_id, contact_id, asset, requested_at, state, closed_at, closed_why, wake_at, held_reason, held_since, held_until);
CREATE INDEX referral_twice ON referral (contact_id, referrer_id, at);
CREATE INDEX alert_twice ON alert (id, contact_id, signal, at, facts);
CREATE INDEX task_twice ON task (id, touch_id, key, contact_id, title, body, made_at, done_at, note);
CREATE INDEX run_twice ON run (
  id, started_at, ended_at, due, sent, failed, deferred, unknown, held, ended, code, blocked, times);
CREATE INDEX import_twice ON import (id, at, kind, file, file_hash, counts);

-- The digest of each contact that a run has seen since it was last written; NULL: written after that, by whomever.
CREATE TABLE contact_seal (
  contact_id      INTEGER PRIMARY KEY,
  digest          INTEGER
) STRICT;
CREATE INDEX contact_unsealed ON contact_seal (contact_id) WHERE digest IS NULL;
CREATE TRIGGER unsealed_by_update AFTER UPDATE ON contact
BEGIN UPDATE contact_seal SET digest = NULL WHERE contact_id IN (old.id, new.id); END;
CREATE TRIGGER unsealed_by_replace AFTER INSERT ON contact  -- REPLACE deletes without telling the trigger below
BEGIN UPDATE contact_seal SET digest = NULL WHERE contact_id = new.id; END;
CREATE TRIGGER unsealed_by_delete AFTER DELETE ON contact
BEGIN DELETE FROM contact_seal WHERE contact_id = old.id; END;

-- The digest of where the contact stands and of how its time is counted. 0: the next run will write it. Never NULL, and
-- never left to its default by nurture, for a flipped bit in the length of a row makes it look as if it ended earlier.
ALTER TABLE enrollment ADD COLUMN digest INTEGER NOT NULL DEFAULT 1;
ALTER TABLE standing ADD COLUMN digest INTEGER NOT NULL DEFAULT 1;
