-- A long list costs no more than what is new or due: the radar tells what is new, contacts are found by index, and a run
-- looks at the contacts of whom time alone may have changed something, no longer at everybody.

-- 1: the signal rested on history alone; it moves contacts, and is told of nobody.
ALTER TABLE alert ADD COLUMN history INTEGER NOT NULL DEFAULT 0 CHECK (history IN (0, 1));
DROP INDEX alert_twice;
CREATE INDEX alert_twice ON alert (id, contact_id, signal, at, history, facts);

-- With `event_fact` and with `touch_once`, all events and all touches of a contact.
CREATE INDEX event_of_machine ON event (contact_id, at) WHERE machine = 1;
CREATE INDEX touch_uncounted ON touch (contact_id, state, counted) WHERE counted = 0;
CREATE INDEX task_by_contact ON task (contact_id);
-- Only who writes the term `stage <> ''` uses it: where a plan has the contacts already, it must not look for them here.
CREATE INDEX contact_by_stage ON contact (stage, stage_at) WHERE stage <> '';
CREATE INDEX enrollment_ended ON enrollment (campaign, end_reason) WHERE end_reason IS NOT NULL;

-- When time alone may next bring a contact into a campaign or to a stage; no row: not by time alone.
CREATE TABLE contact_wake (
  contact_id      INTEGER PRIMARY KEY REFERENCES contact (id),
  at              INTEGER NOT NULL
) STRICT;
CREATE INDEX contact_wake_at ON contact_wake (at, contact_id);

-- Fingerprint of the conditions that these instants follow from; '': none depends on time.
ALTER TABLE instance ADD COLUMN wakes TEXT NOT NULL DEFAULT '';
DROP INDEX instance_twice;
CREATE INDEX instance_twice ON instance (
  id, created_at, host, path, last_run_at, contact_cursor, settled_files, key_fingerprint, wakes);
