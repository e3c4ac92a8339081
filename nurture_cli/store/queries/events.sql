-- insert: Add an event, unless there is one with its key.
INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key, machine, properties)
VALUES (:contact_id, :kind, :asset, :at, :now, :source, :key, :machine, :properties)
ON CONFLICT (key) DO NOTHING;

-- of_contact: What a contact did, oldest first.
SELECT id, contact_id, kind, asset, at, source, machine, properties
FROM event WHERE contact_id = :id AND machine = 0 OR contact_id = :id AND machine = 1 ORDER BY at, id;

-- count: How many events there are.
SELECT count(*) FROM event;

-- count_open_requests: How many assets contacts asked for and have not got yet.
SELECT count(*) FROM request WHERE state = 'open';

-- requests_of_contact: Assets that a contact asked for, oldest first.
SELECT id, event_id, contact_id, asset, requested_at, state, closed_at, closed_why, wake_at, held_reason, held_since,
  held_until
FROM request WHERE contact_id = ? ORDER BY requested_at, id;

-- request_of_event: The request that an event made.
SELECT id FROM request WHERE event_id = (SELECT id FROM event WHERE key = ?);
