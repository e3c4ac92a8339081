-- moves: The moves of a contact from stage to stage, up to an instant.
SELECT at, from_stage, to_stage, cause, reason, version, facts FROM main.stage_move
WHERE contact_id = :id AND at <= :now ORDER BY at, id;

-- happenings: What the contact received and did, up to an instant; of one instant what we did first.
SELECT at, 1, state, asset, channel, '{}', id FROM main.touch
WHERE contact_id = :id AND counted = 1 AND at <= :now AND handoff_id IS NULL AND state IN ('sent', 'unknown')
UNION ALL
SELECT at, 0, kind, asset, source, properties, id FROM main.event
WHERE contact_id = :id AND at <= :now AND machine = 0 ORDER BY 1, 2 DESC, 7;

-- questions: What the contact asked for or wrote and nobody has answered, newest first.
SELECT e.at, e.kind, e.asset, e.properties, q.state, q.closed_why, q.held_reason
FROM main.event e LEFT JOIN main.request q ON q.event_id = e.id
WHERE e.contact_id = :id AND e.at <= :now AND e.machine = 0
  AND e.kind IN ('requested', 'requested_demo', 'inquired', 'replied')
  AND coalesce(q.state, 'open') IN ('open', 'refused')
  AND NOT EXISTS (SELECT 1 FROM main.task t WHERE t.key = 'reply/' || e.id AND t.done_at IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM main.handoff h
                  WHERE h.contact_id = e.contact_id AND h.closed_at BETWEEN e.at AND :now)
ORDER BY e.at DESC, e.id DESC;

-- count_colleagues: How many other contacts are of the company of a contact.
SELECT count(*) FROM main.standing s JOIN main.contact c ON c.id = s.contact_id
WHERE s.company = (SELECT nullif(lower(trim(company)), '') FROM main.contact WHERE id = :id) AND c.id <> :id;

-- colleagues: The others of the company of a contact, those who show most interest first.
SELECT c.email, trim(coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, '')),
  coalesce(c.role, c.job_title, ''), c.stage, s.heat
FROM main.standing s JOIN main.contact c ON c.id = s.contact_id
WHERE s.company = (SELECT nullif(lower(trim(company)), '') FROM main.contact WHERE id = :id) AND c.id <> :id
ORDER BY s.heat DESC, c.id LIMIT :most;

-- referrer: Who brought a contact.
SELECT c.email FROM main.referral r JOIN main.contact c ON c.id = r.referrer_id WHERE r.contact_id = ?;
