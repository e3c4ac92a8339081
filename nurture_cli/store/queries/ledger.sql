-- by_key: One touch by its key.
SELECT id, key, contact_id, enrollment_id, request_id, hop, stream, campaign, channel, asset, state, at, attempts,
  first_tried_at, body_hash, run_id
FROM touch WHERE key = ?;

-- insert: Claim a touch that was never tried before; nothing happens when it was.
INSERT INTO touch (
  key, contact_id, enrollment_id, request_id, handoff_id, campaign, step, hop, asset, family, once_scope, channel, reaches_contact,
  stream, state, counted, reason, at, due_at, message_id, campaign_hash, asset_hash, run_id, digest
) VALUES (
  :key, :contact_id, :enrollment_id, :request_id, :handoff_id, :campaign, :step, :hop, :asset, :family, :once_scope, :channel,
  :reaches_contact, :stream, 'claimed', 1, :reason, :at, :due_at, :message_id, :campaign_hash, :asset_hash, :run_id, :digest
) ON CONFLICT (key) DO NOTHING;

-- claim_anew: Claim a touch that was never delivered, with what the plan says now.
UPDATE touch SET
  state = 'claimed', at = :at, reason = :reason, next_try_at = NULL, run_id = :run_id, due_at = :due_at,
  step = :step, asset = :asset, family = :family, once_scope = :once_scope, channel = :channel,
  reaches_contact = :reaches_contact, stream = :stream, message_id = :message_id, campaign_hash = :campaign_hash,
  asset_hash = :asset_hash, digest = :digest
WHERE id = :id AND state IN ('planned', 'failed');

-- claim_again: Claim a touch that may have been delivered before: it stays what it was.
UPDATE touch SET state = 'claimed', at = :at, reason = :reason, next_try_at = NULL, run_id = :run_id
WHERE id = :id AND state IN ('planned', 'failed');

-- release: Undo a claim.
UPDATE touch SET state = 'planned', at = :at, next_try_at = :at
WHERE id = :id AND run_id = :run_id AND state = 'claimed';

-- take_back: Undo the mark of what was not delivered; `body_hash` is that of an earlier attempt in doubt, else NULL.
UPDATE touch SET state = 'planned', at = :at, next_try_at = :at, body_hash = :body_hash
WHERE id = :id AND run_id = :run_id AND state = 'committing';

-- commit: The point of no return: from here on the other side may have the message.
UPDATE touch SET state = 'committing', at = :at, body_hash = :body_hash
WHERE id = :id AND run_id = :run_id AND state = 'claimed';

-- commit_at_once: The same within the second of the claim, which leaves the indexes alone.
UPDATE touch SET state = 'committing', body_hash = :body_hash
WHERE id = :id AND run_id = :run_id AND state = 'claimed' AND at = :at;

-- sent_at_once: The same within the second of the point of no return, which leaves the indexes alone.
UPDATE touch SET state = 'sent', attempts = attempts + 1, code = :code, reply = :reply
WHERE id = :id AND run_id = :run_id AND state = 'committing' AND at = :at;

-- sent: The other side took the message.
UPDATE touch SET state = 'sent', at = :at, attempts = attempts + 1, code = :code, reply = :reply
WHERE id = :id AND run_id = :run_id AND state = 'committing';

-- put_off: The other side did not take it this time; `body_hash` is that of an earlier attempt in doubt, else NULL.
UPDATE touch SET
  state = 'planned', at = :at, attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, :at),
  next_try_at = :next_try_at, reason = :reason, code = :code, reply = :reply, body_hash = :body_hash
WHERE id = :id AND run_id = :run_id AND state IN ('claimed', 'committing');

-- failed: The other side will not take it as it was made; `body_hash` is that of an earlier attempt in doubt, else NULL.
UPDATE touch SET
  state = 'failed', at = :at, attempts = attempts + 1, next_try_at = NULL, first_tried_at = NULL, reason = :reason,
  code = :code, reply = :reply, body_hash = :body_hash, asset_hash = :made_from
WHERE id = :id AND run_id = :run_id AND state IN ('claimed', 'committing');

-- in_doubt: Nobody can know whether it arrived; `at` stays the instant at which it may have been delivered.
UPDATE touch SET state = 'unknown', attempts = attempts + 1, reason = :reason, code = :code, reply = :reply
WHERE id = :id AND run_id = :run_id AND state = 'committing';

-- step_done: The contact's step is done; the next one begins from what really happened.
UPDATE enrollment SET
  state = 'moving', step_done = 1, arrived_at = :happened, anchor_at = :happened, wake_at = :happened,
  held_reason = NULL, held_since = NULL, held_until = NULL, digest = 0
WHERE id = :enrollment_id AND hop = :hop AND ended_at IS NULL AND step_done = 0;

-- step_done_at_once: The same for a contact whom nothing holds, and whom the next run looks at anyway.
UPDATE enrollment SET step_done = 1, arrived_at = :happened, anchor_at = :happened, digest = 0
WHERE id = :enrollment_id AND hop = :hop AND ended_at IS NULL AND step_done = 0
  AND state = 'moving' AND held_until IS NULL AND wake_at <= :happened;

-- turn_done_at_once: The same as `turn_done` for a contact whom nothing holds, and whom the next run looks at anyway.
UPDATE enrollment SET items_sent = items_sent + 1, hop = hop + 1, anchor_at = :happened, digest = 0
WHERE id = :enrollment_id AND hop = :hop AND ended_at IS NULL AND step_done = 0
  AND state = 'moving' AND held_until IS NULL AND wake_at <= :happened;

-- turn_done: One turn of a stream is done; the contact stays at it.
UPDATE enrollment SET
  state = 'moving', step_done = 0, items_sent = items_sent + 1, hop = hop + 1, anchor_at = :happened, wake_at = :happened,
  held_reason = NULL, held_since = NULL, held_until = NULL, digest = 0
WHERE id = :enrollment_id AND hop = :hop AND ended_at IS NULL;

-- hold_enrollment: The contact stays where it is; without `wake_at`, until something changes.
UPDATE enrollment SET
  state = 'held', held_since = iif(held_reason = :held_reason, held_since, :at), held_reason = :held_reason,
  held_until = :until, wake_at = :until, digest = 0
WHERE id = :enrollment_id AND hop = :hop AND ended_at IS NULL AND step_done = 0;

-- free_enrollment: Let the next run look at the contact.
UPDATE enrollment SET
  state = 'moving', wake_at = :at, held_reason = NULL, held_since = NULL, held_until = NULL, digest = 0
WHERE id = :enrollment_id AND hop = :hop AND ended_at IS NULL AND step_done = 0;

-- close_request: Close a request: the asset is sent, or never will be.
UPDATE request SET
  state = :state, closed_at = :at, closed_why = :why, wake_at = NULL, held_reason = NULL, held_since = NULL, held_until = NULL
WHERE id = :request_id AND state = 'open';

-- hold_request: A request must wait; without `wake_at`, until something changes.
UPDATE request SET
  held_since = iif(held_reason = :held_reason, held_since, :at), held_reason = :held_reason, held_until = :until,
  wake_at = :until
WHERE id = :request_id AND state = 'open';

-- free_request: Let the next run look at a request.
UPDATE request SET wake_at = :at, held_reason = NULL, held_since = NULL, held_until = NULL
WHERE id = :request_id AND state = 'open';

-- make_task: A to-do for the marketer.
INSERT INTO task (touch_id, contact_id, title, body, made_at) VALUES (:touch_id, :contact_id, :title, :body, :at);

-- waits_for: Whether the contact is still at the step of a touch, the request for it is open, or Sales waits for the brief.
SELECT EXISTS (SELECT 1 FROM enrollment WHERE id = :enrollment_id AND hop = :hop AND ended_at IS NULL AND step_done = 0)
  OR EXISTS (SELECT 1 FROM request WHERE id = :request_id AND state = 'open')
  OR EXISTS (SELECT 1 FROM touch t JOIN handoff h ON h.id = t.handoff_id
    WHERE t.id = :id AND h.briefed_at IS NULL AND h.closed_at IS NULL);

-- was_answered: Whether a contact has opened, clicked or answered an asset since it may have arrived.
SELECT EXISTS (SELECT 1 FROM event INDEXED BY event_fact
  WHERE contact_id = :contact_id AND kind IN ('clicked', 'opened', 'replied') AND asset = :asset AND at >= :at AND machine = 0);

-- claimed: Touches that a killed run had claimed, none of which was delivered.
SELECT id, key, contact_id, enrollment_id, request_id, hop, stream, campaign, channel, asset, state, at, attempts,
  first_tried_at, body_hash, run_id
FROM touch INDEXED BY touch_unsettled WHERE state <> 'sent' AND state <> 'skipped' AND state = 'claimed' ORDER BY id;

-- committing: Touches at whose point of no return a run was killed.
SELECT id, key, contact_id, enrollment_id, request_id, hop, stream, campaign, channel, asset, state, at, attempts,
  first_tried_at, body_hash, run_id
FROM touch INDEXED BY touch_unsettled WHERE state <> 'sent' AND state <> 'skipped' AND state = 'committing' ORDER BY id;

-- unknown: Touches in doubt, since when somebody could have known of that, and the reason.
SELECT t.id, t.key, t.contact_id, t.enrollment_id, t.request_id, t.hop, t.stream, t.campaign, t.channel, t.asset,
  t.state, t.at, t.attempts, t.first_tried_at, t.body_hash, t.run_id,
  coalesce(iif(e.held_reason = 'in-doubt', e.held_since, NULL), iif(r.held_reason = 'in-doubt', r.held_since, NULL), t.at),
  t.reason
FROM touch t INDEXED BY touch_unsettled
LEFT JOIN enrollment e ON e.id = t.enrollment_id AND e.hop = t.hop
LEFT JOIN request r ON r.id = t.request_id
WHERE t.state <> 'sent' AND t.state <> 'skipped' AND t.state = 'unknown' ORDER BY t.id;

-- digests: Every touch with what its digest is made of.
SELECT digest, key, contact_id, enrollment_id, request_id, handoff_id, campaign, step, hop, asset, family, once_scope, message_id,
  channel, reaches_contact, stream, due_at, campaign_hash
FROM touch;

-- digest: What the digest of one touch is made of.
SELECT digest, key, contact_id, enrollment_id, request_id, handoff_id, campaign, step, hop, asset, family, once_scope, message_id,
  channel, reaches_contact, stream, due_at, campaign_hash
FROM touch WHERE id = ?;

-- redeliver: Deliver once more what is in doubt or failed.
UPDATE touch SET state = 'planned', at = :at, next_try_at = :at, reason = :reason, body_hash = :body_hash
WHERE id = :id AND state IN ('committing', 'unknown', 'failed');

-- assume_sent: Count a touch in doubt as sent; `at` stays the instant at which that may have been.
UPDATE touch SET state = 'sent', reason = :reason WHERE id = :id AND state = 'unknown';

-- found_failed: A touch in doubt did not arrive.
UPDATE touch SET state = 'failed', at = :at, reason = :reason, body_hash = NULL WHERE id = :id AND state = 'unknown';

-- give_up: Do not try a failed touch again.
UPDATE touch SET state = 'skipped', at = :at, reason = :reason WHERE id = :id AND state = 'failed';

-- is_fresh: Whether nothing was ever delivered, nor a suppression witnessed, as far as this database knows.
SELECT NOT EXISTS (SELECT 1 FROM touch WHERE state IN ('committing', 'sent', 'unknown') OR body_hash IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM suppression WHERE witnessed = 1);

-- record_journal: How much of the send journal this database knows.
UPDATE instance SET journal_size = ?;

-- grow_journal: The send journal grows by so many bytes.
UPDATE instance SET journal_size = journal_size + ?;

-- witnessed: Everything that may have been delivered, as columns of the journal's lines.
SELECT t.key, lower(hex(c.address_hash)), t.campaign, t.step, t.hop, t.asset, t.family, t.once_scope, t.channel,
  t.reaches_contact, t.stream, t.due_at, t.campaign_hash, t.asset_hash, t.body_hash, t.message_id, t.run_id, t.at
FROM touch t JOIN contact c ON c.id = t.contact_id
WHERE t.state IN ('committing', 'sent', 'unknown') OR t.body_hash IS NOT NULL ORDER BY t.id;

-- contact_of: The contact with an address hash.
SELECT id FROM contact WHERE address_hash = ?;

-- passage: One contact's passage through one campaign.
SELECT id, hop, ended_at FROM enrollment WHERE contact_id = :contact_id AND campaign = :campaign AND pass = :pass;

-- is_enrolled: Whether a contact is in a campaign now.
SELECT EXISTS (SELECT 1 FROM enrollment WHERE contact_id = :contact_id AND campaign = :campaign AND ended_at IS NULL);

-- insert_passage: A passage that only the journal remembers; ended when the contact is in another one by now.
INSERT INTO enrollment (
  contact_id, campaign, pass, entered_at, ended_at, end_reason, state, sequence, step, hop, arrived_at, anchor_at, digest
) VALUES (
  :contact_id, :campaign, :pass, :at, iif(:ended, :at, NULL), iif(:ended, 'step', NULL), iif(:ended, 'ended', 'moving'),
  :sequence, :step, :hop, :at, :at, 0
);

-- move_passage: Move a passage that had come further than the database remembers.
UPDATE enrollment SET
  state = 'moving', sequence = :sequence, step = :step, step_done = 0, items_sent = 0, hop = :hop, arrived_at = :at, anchor_at = :at,
  held_reason = NULL, held_since = NULL, held_until = NULL, digest = 0
WHERE id = :id AND hop < :hop AND ended_at IS NULL;

-- insert_request_event: A request that only the journal remembers.
INSERT OR IGNORE INTO event (contact_id, kind, asset, at, recorded_at, source, key)
VALUES (:contact_id, 'requested', :asset, :at, :now, 'journal', 'journal/' || :key);

-- request_of_event: The request that such an event made.
SELECT r.id FROM request r JOIN event e ON e.id = r.event_id WHERE e.key = 'journal/' || ?;

-- request: One request.
SELECT contact_id, asset FROM request WHERE id = ?;

-- owner_of: The enrollment, request or hand-off of a touch.
SELECT enrollment_id, request_id, handoff_id FROM touch WHERE id = ?;

-- insert_in_doubt: A touch that only the journal remembers: it may have arrived.
INSERT INTO touch (
  key, contact_id, enrollment_id, request_id, handoff_id, campaign, step, hop, asset, family, once_scope, channel, reaches_contact,
  stream, state, counted, reason, at, due_at, attempts, message_id, campaign_hash, asset_hash, body_hash, run_id, digest
) VALUES (
  :key, :contact_id, :enrollment_id, :request_id, :handoff_id, :campaign, :step, :hop, :asset, :family, :once_scope, :channel,
  :reaches_contact, :stream, 'unknown', 1, :reason, :at, :due_at, 1, :message_id, :campaign_hash, :asset_hash, :body_hash,
  :run_id, :digest
);

-- handoff: The n-th hand-off of a contact, counted from 0; an open one stands for one that is not known.
SELECT id FROM (
  SELECT id, 0 AS rank FROM (SELECT id FROM handoff WHERE contact_id = :contact_id ORDER BY id LIMIT 1 OFFSET :number)
  UNION ALL SELECT id, 1 FROM handoff WHERE contact_id = :contact_id AND closed_at IS NULL)
ORDER BY rank LIMIT 1;

-- insert_handoff: A hand-off that the database has forgotten.
INSERT INTO handoff (contact_id, at, cause, stage, version, sort)
SELECT :contact_id, :at, 'recalled', stage, '', 'known-active' FROM contact WHERE id = :contact_id;
