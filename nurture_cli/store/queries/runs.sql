-- last: The newest runs, newest first.
SELECT id, started_at, ended_at, due, sent, failed, deferred, unknown, held, ended
FROM run ORDER BY id DESC LIMIT ?;

-- last_imports: The newest imports that changed something, newest first.
SELECT id, at, kind, file, file_hash, counts FROM import ORDER BY id DESC LIMIT ?;

-- record_import: Remember an import that changed something.
INSERT INTO import (at, kind, file, file_hash, counts) VALUES (:at, :kind, :file, :file_hash, :counts);

-- begin: A run that has something to send begins.
INSERT INTO run (started_at, due, held) VALUES (:at, :due, :held) RETURNING id;

-- finish: What a run came to.
UPDATE run SET ended_at = :at, sent = :sent, failed = :failed, deferred = :deferred, unknown = :unknown, ended = :ended
WHERE id = :id;

-- biggest: The most touches that one of the last twenty runs sent; NULL when none did.
SELECT max(sent) FROM (SELECT sent FROM run WHERE sent > 0 ORDER BY id DESC LIMIT 20);

-- record_last: The clock of the last run, for noticing one that was set back.
UPDATE instance SET last_run_at = :at;
