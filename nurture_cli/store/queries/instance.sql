-- insert: Say which installation this database belongs to, once.
INSERT INTO instance (one, id, created_at, host, path) VALUES (1, :id, :now, :host, :path);

-- get: The identity and what the last run left behind.
SELECT id, created_at, host, path, last_run_at, journal_size, contact_cursor FROM instance;

-- adopt: Belong here and now, after a human said so.
UPDATE instance SET host = :host, path = :path, last_run_at = min(last_run_at, :now);
