-- Columns have the names of what they hold.
ALTER TABLE enrollment RENAME COLUMN casts TO items_sent;
ALTER TABLE bookmark RENAME COLUMN casts TO items_sent;

-- Under which name a run notes in shared memory what departs; NULL: there are no notes, or they are of no more use.
ALTER TABLE run ADD COLUMN departures TEXT;
CREATE INDEX run_departures ON run (departures) WHERE departures IS NOT NULL;
DROP INDEX run_twice;
CREATE INDEX run_twice ON run (
  id, started_at, ended_at, due, sent, failed, deferred, unknown, held, ended, code, blocked, times, departures);

-- The instant comes before the asset, so that events of one kind are found in their order.
DROP INDEX event_fact;
CREATE INDEX event_fact ON event (contact_id, kind, at, asset) WHERE machine = 0;

-- Until when no channel has room for those who wait behind its limit, unless something changes; 0: look.
ALTER TABLE instance ADD COLUMN room_at INTEGER NOT NULL DEFAULT 0;
DROP INDEX instance_twice;
CREATE INDEX instance_twice ON instance (
  id, created_at, host, path, last_run_at, contact_cursor, settled_files, key_fingerprint, wakes, room_at);
