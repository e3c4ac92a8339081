-- last: The newest runs, newest first.
SELECT id, started_at, ended_at, due, sent, failed, deferred, unknown, held, ended, code, blocked, times
FROM run ORDER BY id DESC LIMIT ?;

-- last_imports: The newest imports that changed something, newest first.
SELECT id, at, kind, file, file_hash, counts FROM import ORDER BY id DESC LIMIT ?;

-- record_import: Record an import that changed something.
INSERT INTO import (at, kind, file, file_hash, counts) VALUES (:at, :kind, :file, :file_hash, :counts);

-- begin: A run that has something to send begins.
INSERT INTO run (started_at, due, held, departures) VALUES (:at, :due, :held, :departures) RETURNING id;

-- finish: What a run came to.
UPDATE run SET ended_at = :at, sent = :sent, failed = :failed, deferred = :deferred, unknown = :unknown, ended = :ended,
  code = :code, blocked = :blocked, departures = NULL
WHERE id = :id;

-- departures: Runs that did not end, with the names of their notes.
SELECT id, departures FROM run INDEXED BY run_departures WHERE departures IS NOT NULL ORDER BY id;

-- forget_departures: The notes of a run are of no more use.
UPDATE run SET departures = NULL WHERE id = ?;

-- doubt_departures: The notes of earlier runs say nothing about this database any more.
UPDATE run SET departures = NULL WHERE departures IS NOT NULL;

-- repeat: Count a blocked run that did nothing with the run before, if that was one too; keeps how the last one ended.
UPDATE run SET times = times + 1, ended_at = :at, due = :due, ended = :ended, code = :code
WHERE id = (SELECT max(id) FROM run WHERE id < :before) AND blocked = 1 AND sent + failed + deferred + unknown = 0;

-- forget: Delete a run that is counted with the one before it.
DELETE FROM run WHERE id = ?;

-- record_whole: Record a run that ended before it began to send.
INSERT INTO run (started_at, ended_at, due, ended, code, blocked) VALUES (:at, :at, :due, :ended, :code, :blocked);

-- blocked: What was due in the newest run that ended, if it was blocked; a run that a signal stopped does not count.
SELECT due FROM (SELECT due, blocked FROM run WHERE ended_at IS NOT NULL AND coalesce(code, 0) < 128
  ORDER BY id DESC LIMIT 1)
WHERE blocked = 1;

-- pass_over: Record the newest run in the journal, of which the database has forgotten everything.
INSERT INTO run (id, started_at, ended_at, due, ended, code)
SELECT :id, :at, :at, 0, 'known from the send journal alone', 0 WHERE :id > coalesce((SELECT max(id) FROM run), 0);

-- biggest: The most touches that were due in one of the last twenty runs that had any; NULL when none had.
SELECT max(due) FROM (SELECT due FROM run WHERE due > 0 ORDER BY id DESC LIMIT 20);

-- record_last: Record the time of the last run, to notice a clock that was set back.
UPDATE instance SET last_run_at = :at;
