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

-- count_by_state: How many touches are in each state; those that were sent are what is left of all the others.
WITH others AS MATERIALIZED (
  SELECT state, count(*) AS number FROM touch WHERE counted = 0 GROUP BY state
  UNION ALL
  SELECT state, count(*) FROM touch INDEXED BY touch_unsettled
  WHERE state <> 'sent' AND state <> 'skipped' AND state IN ('claimed', 'committing', 'unknown') GROUP BY state),
everything AS MATERIALIZED (SELECT count(*) AS number FROM touch)
SELECT state, number FROM (
  SELECT state, number FROM others
  UNION ALL
  SELECT 'sent', everything.number - (SELECT coalesce(sum(others.number), 0) FROM others) FROM everything)
WHERE number > 0 ORDER BY state;

-- count_failed_waiting: How many failed touches keep a contact at its step, a request open, or Sales without a brief.
SELECT count(*) FROM touch t INDEXED BY touch_unsettled
WHERE t.state <> 'sent' AND t.state <> 'skipped' AND t.state = 'failed' AND (
  EXISTS (SELECT 1 FROM enrollment e WHERE e.id = t.enrollment_id AND e.hop = t.hop AND e.ended_at IS NULL AND e.step_done = 0)
  OR EXISTS (SELECT 1 FROM request r WHERE r.id = t.request_id AND r.state = 'open')
  OR EXISTS (SELECT 1 FROM handoff h WHERE h.id = t.handoff_id AND h.briefed_at IS NULL AND h.closed_at IS NULL));
