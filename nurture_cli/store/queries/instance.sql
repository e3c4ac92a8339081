-- insert: Say which installation this database belongs to, once.
INSERT INTO instance (one, id, created_at, host, path, key_fingerprint)
VALUES (1, :id, :now, :host, :path, :fingerprint);

-- renew: Give the database another id, to which no send journal belongs yet.
UPDATE instance SET id = :id RETURNING id;

-- key: The fingerprint of the key file that the addresses were hashed with.
SELECT key_fingerprint FROM instance;

-- bind_key: Record the key file of a database that does not know its own.
UPDATE instance SET key_fingerprint = :fingerprint WHERE key_fingerprint IS NULL;

-- get: The identity, and what the last run recorded.
SELECT id, created_at, host, path, last_run_at, journal_size, contact_cursor FROM instance;

-- adopt: Make this machine and place the database's own, after a human said so.
UPDATE instance SET host = :host, path = :path, last_run_at = min(last_run_at, :now);

-- settle: Record with which files only changes and time bring work; NULL when everybody must be looked at.
UPDATE instance SET settled_files = :files, room_at = :room_at
WHERE (settled_files, room_at) IS NOT (:files, :room_at);

-- is_idle: Whether nothing changed, no time has come and nothing was left undone, with the files as they were.
SELECT settled_files IS :files AND journal_size = :journal
  AND NOT EXISTS (SELECT 1 FROM change)
  AND NOT EXISTS (SELECT 1 FROM suppression WHERE witnessed = 0)
  AND NOT coalesce((SELECT blocked FROM run WHERE ended_at IS NOT NULL AND coalesce(code, 0) < 128
    ORDER BY id DESC LIMIT 1), 0)  -- only a run finds out that what blocked it is mended
  AND contact_cursor >= coalesce((SELECT max(id) FROM contact), 0)
  AND NOT EXISTS (SELECT 1 FROM enrollment INDEXED BY enrollment_wake WHERE wake_at IS NOT NULL AND wake_at <= :now)
  AND NOT EXISTS (SELECT 1 FROM request INDEXED BY request_open WHERE state = 'open' AND wake_at <= :now)
  AND (:now < room_at
    OR NOT EXISTS (SELECT 1 FROM enrollment INDEXED BY enrollment_behind_limit
      WHERE held_reason = 'channel-limit' AND ended_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM request INDEXED BY request_behind_limit
      WHERE held_reason = 'channel-limit' AND state = 'open'))
  AND NOT EXISTS (SELECT 1 FROM contact_wake INDEXED BY contact_wake_at WHERE at <= :now)
  AND NOT EXISTS (SELECT 1 FROM recycling INDEXED BY recycling_wake WHERE closed_at IS NULL AND rest_until <= :now)
  AND NOT EXISTS (SELECT 1 FROM handoff h INDEXED BY handoff_unbriefed
    WHERE h.briefed_at IS NULL AND h.closed_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM touch x INDEXED BY touch_unsettled
        WHERE x.state <> 'sent' AND x.state <> 'skipped' AND x.handoff_id = h.id
          AND (x.state IN ('unknown', 'failed') OR x.next_try_at > :now)))
  AND NOT EXISTS (SELECT 1 FROM touch INDEXED BY touch_unsettled 
    WHERE state <> 'sent' AND state <> 'skipped'  -- the index's own words
      AND state IN ('claimed', 'committing', 'unknown'))
FROM instance;
