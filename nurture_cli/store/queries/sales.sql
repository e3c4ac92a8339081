-- of_contact: The hand-offs of a contact, oldest first.
SELECT id, contact_id, at, cause, stage, version, sort, state, answered_at, closed_at, reason, value
FROM handoff WHERE contact_id = ? ORDER BY at, id;

-- list: Hand-offs, oldest first; only those that are not closed unless all are wanted.
SELECT id, contact_id, at, cause, stage, version, sort, state, answered_at, closed_at, reason, value
FROM handoff WHERE closed_at IS NULL OR :all ORDER BY at, id;

-- answer: Record what Sales says of a hand-off.
UPDATE handoff
SET state = :state, answered_at = coalesce(answered_at, :now), closed_at = :closed_at, reason = :reason, value = :value
WHERE id = :id;

-- close_recycling: End what an earlier return began.
UPDATE recycling SET closed_at = :now, closed_why = :why WHERE contact_id = :id AND closed_at IS NULL;

-- give_back: Record why a contact was returned, and what follows.
INSERT INTO recycling (contact_id, at, reason, interest, rest_until, campaign)
VALUES (:id, :now, :reason, :interest, :rest_until, :campaign);

-- note_change: Let the next run look at a contact.
INSERT INTO change (contact_id) VALUES (?);

-- value: Record later what a sale was worth.
UPDATE handoff SET value = :value WHERE id = :id;
