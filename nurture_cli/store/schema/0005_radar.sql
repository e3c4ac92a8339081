-- The radar moves contacts by what happened before they were known here, but tells nobody of it.

-- 1: the signal rested on history alone.
ALTER TABLE alert ADD COLUMN history INTEGER NOT NULL DEFAULT 0 CHECK (history IN (0, 1));
DROP INDEX alert_twice;
CREATE INDEX alert_twice ON alert (id, contact_id, signal, at, history, facts);
