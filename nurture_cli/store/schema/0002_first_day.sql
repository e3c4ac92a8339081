-- The database knows its key file, an address has one contact whatever key it was hashed with, and a run that could not
-- do what was due is remembered as that.

-- Keyed fingerprint of the key file that all address hashes were made with; written by `init` and by `migrate`.
ALTER TABLE instance ADD COLUMN key_fingerprint BLOB CHECK (key_fingerprint IS NULL OR length(key_fingerprint) = 16);

-- The second guard, which needs no key: two contacts of one address would both be written to.
CREATE UNIQUE INDEX contact_by_address ON contact (lower(email));

-- The exit code that a run ended with; NULL while it is on, when it was killed, and in runs before this column.
ALTER TABLE run ADD COLUMN code INTEGER;
-- 1: something kept it from doing what was due (a refused login, an error in a file): `ended` says what.
ALTER TABLE run ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1));
-- How many blocked runs in a row did nothing, from `started_at` of the first to `ended_at` and `ended` of the last.
ALTER TABLE run ADD COLUMN times INTEGER NOT NULL DEFAULT 1 CHECK (times >= 1);

-- Who unsubscribes, complains or bounces for good is never written to again, whoever brings the news, and at once. A
-- stronger reason replaces a weaker one, as in `store/suppressions.py`; a word's place is its strength.
DROP TRIGGER suppressed_by_event;
CREATE TRIGGER suppressed_by_event AFTER INSERT ON event
WHEN new.kind IN ('unsubscribed', 'complained')
  OR (new.kind = 'bounced' AND json_extract(new.properties, '$.bounce') = 'hard')
BEGIN
  UPDATE suppression
  SET lifted_at = new.recorded_at,
    lifted_why = 'replaced by: ' || CASE new.kind
      WHEN 'complained' THEN 'complaint' WHEN 'unsubscribed' THEN 'unsubscribed' ELSE 'hard-bounce' END
  WHERE lifted_at IS NULL
    AND address_hash = (SELECT c.address_hash FROM contact c WHERE c.id = new.contact_id)
    AND instr('hard-bounce manual unsubscribed complaint erased', reason)
      < instr('hard-bounce manual unsubscribed complaint erased', CASE new.kind
        WHEN 'complained' THEN 'complaint' WHEN 'unsubscribed' THEN 'unsubscribed' ELSE 'hard-bounce' END);
  INSERT INTO suppression (address_hash, reason, source, at)
  SELECT c.address_hash,
    CASE new.kind WHEN 'complained' THEN 'complaint' WHEN 'unsubscribed' THEN 'unsubscribed' ELSE 'hard-bounce' END,
    new.source, new.at
  FROM contact c
  WHERE c.id = new.contact_id
    AND NOT EXISTS (SELECT 1 FROM suppression s WHERE s.address_hash = c.address_hash AND s.lifted_at IS NULL);
END;
