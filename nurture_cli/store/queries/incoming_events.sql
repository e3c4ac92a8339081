-- make_events: Rows of an events file on their way in.
CREATE TEMP TABLE incoming_event (
  row             INTEGER PRIMARY KEY,
  address_hash    BLOB NOT NULL,
  kind            TEXT NOT NULL,
  asset           TEXT NOT NULL,
  at              INTEGER NOT NULL,
  source          TEXT NOT NULL,
  key             TEXT NOT NULL,
  machine         INTEGER NOT NULL,
  properties      TEXT NOT NULL
);

-- add: One row of an events file.
INSERT INTO incoming_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- find_strangers: What events say of addresses without a contact and must not be lost: nothing is ever sent to them.
INSERT INTO incoming_suppression
SELECT row, address_hash,
  CASE kind WHEN 'complained' THEN 'complaint' WHEN 'unsubscribed' THEN 'unsubscribed' ELSE 'hard-bounce' END,
  source, at
FROM incoming_event i
WHERE (kind IN ('unsubscribed', 'complained') OR (kind = 'bounced' AND json_extract(properties, '$.bounce') = 'hard'))
  AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.address_hash = i.address_hash);

-- forget_strangers: Forget those of them whose rows are not taken in.
DELETE FROM incoming_suppression WHERE row IN (SELECT row FROM problem);

-- refuse_unknown: Note the rows of the other people who are not among the contacts.
INSERT INTO problem (row, reason)
SELECT row, 'No contact has this address.' FROM incoming_event i
WHERE NOT EXISTS (SELECT 1 FROM contact c WHERE c.address_hash = i.address_hash)
  AND NOT EXISTS (SELECT 1 FROM incoming_suppression s WHERE s.row = i.row);

-- drop_refused: Forget the rows that are not taken in.
DELETE FROM incoming_event WHERE row IN (SELECT row FROM problem);

-- index_keys: Find the rows with a key.
CREATE INDEX temp.incoming_event_by_key ON incoming_event (key);

-- refuse_repeated: Note the rows whose event stands in an earlier row, and those with its id that tell of another one.
INSERT INTO problem (row, reason, first)
SELECT i.row,
  iif((i.address_hash, i.kind, i.asset, i.at) IS (f.address_hash, f.kind, f.asset, f.at),
    'The same event stands in row ' || f.row || '.', 'Row ' || f.row || ' gives the same id to another event.'),
  iif((i.address_hash, i.kind, i.asset, i.at) IS (f.address_hash, f.kind, f.asset, f.at), f.row, NULL)
FROM (SELECT key, min(row) AS row FROM incoming_event GROUP BY key HAVING count(*) > 1) d
JOIN incoming_event f ON f.row = d.row
JOIN incoming_event i ON i.key = d.key AND i.row > d.row;

-- refuse_other: Note the rows whose id belongs to another event that is known already.
INSERT INTO problem (row, reason)
SELECT i.row, 'Another event has this id already; if it comes from another system, name that with --source.'
FROM incoming_event i
JOIN event e ON e.key = i.key
JOIN contact c ON c.id = e.contact_id
WHERE (c.address_hash, e.kind, e.asset, e.at) IS NOT (i.address_hash, i.kind, i.asset, i.at);

-- insert_new: Keep the events that are not known.
INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key, machine, properties)
SELECT c.id, i.kind, i.asset, i.at, :now, i.source, i.key, i.machine, i.properties
FROM incoming_event i CROSS JOIN contact c ON c.address_hash = i.address_hash
WHERE true
ORDER BY i.row
ON CONFLICT (key) DO NOTHING;

-- count: How many rows are on their way in.
SELECT count(*) FROM incoming_event;

-- last_request: The newest request's id.
SELECT coalesce(max(id), 0) FROM request;

-- count_requests: How many requests came with the events.
SELECT count(*) FROM request WHERE id > ?;

-- last_suppression: The newest suppression's id.
SELECT coalesce(max(id), 0) FROM suppression;

-- count_suppressions: How many addresses are suppressed because of the events.
SELECT count(*) FROM suppression WHERE id > ?;
