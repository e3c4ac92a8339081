-- list: Touches, newest change first; a filter that is NULL lets everything through.
SELECT t.id, t.key, t.contact_id, c.email, t.campaign, t.step, t.asset, t.family, t.channel, t.reaches_contact,
  t.state, t.reason, t.at, t.due_at, t.attempts, t.next_try_at, t.message_id, t.run_id, t.code, t.reply
FROM touch t JOIN contact c ON c.id = t.contact_id
WHERE (:state IS NULL OR t.state = :state)
  AND (:contact_id IS NULL OR t.contact_id = :contact_id)
  AND (:campaign IS NULL OR t.campaign = :campaign)
  AND (:run_id IS NULL OR t.run_id = :run_id)
ORDER BY t.at DESC, t.id DESC
LIMIT :most;

-- by_key: The touch with a key.
SELECT t.id, t.key, t.contact_id, c.email, t.campaign, t.step, t.asset, t.family, t.channel, t.reaches_contact,
  t.state, t.reason, t.at, t.due_at, t.attempts, t.next_try_at, t.message_id, t.run_id, t.code, t.reply
FROM touch t JOIN contact c ON c.id = t.contact_id
WHERE t.key = ?;

-- count_by_state: How many touches are in each state.
SELECT state, count(*) FROM touch GROUP BY state ORDER BY state;
