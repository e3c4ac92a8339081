-- stays: Who has stood in a stage since before an instant, and since when.
SELECT id, email, stage_at FROM contact WHERE stage <> '' AND stage = :stage AND stage_at < :before;

-- waits_for_sales: Whose hand-off was made before an instant and has no answer from Sales.
SELECT c.id, c.email, c.stage, h.at
FROM handoff h INDEXED BY handoff_one_open CROSS JOIN contact c ON c.id = h.contact_id
WHERE h.closed_at IS NULL AND h.state = 'open' AND h.at < :before;

-- unanswered: The contacts whose hand-off has no answer from Sales.
SELECT contact_id FROM handoff INDEXED BY handoff_one_open WHERE closed_at IS NULL AND state = 'open';

-- silent: Whom nothing has reached since `limit`, why, and until when; with `no_track` only those in no campaign.
WITH
-- The campaigns of the project; a contact in another one, whose file is gone, is in none.
enrolled AS (
  SELECT e.* FROM enrollment e
  WHERE e.ended_at IS NULL AND e.campaign IN (SELECT value FROM json_each(:campaigns))),
quiet AS MATERIALIZED (
  SELECT q.*, coalesce(q.last_touch, q.created_at) AS since
  FROM (
    SELECT c.id, c.email, c.stage, c.address_hash, c.created_at, c.consent, c.consent_basis, c.consent_source,
      c.consent_until,
      (SELECT y.at FROM touch y WHERE y.contact_id = c.id AND y.reaches_contact = 1 AND y.counted = 1
       AND y.state = 'sent' ORDER BY y.at DESC LIMIT 1) AS last_touch
    FROM contact c WHERE c.created_at <= :limit) AS q
  WHERE q.last_touch IS NULL OR q.last_touch <= :limit),
told AS MATERIALIZED (
  SELECT c.*,
    EXISTS (SELECT 1 FROM suppression s WHERE s.address_hash = c.address_hash AND s.lifted_at IS NULL) AS suppressed,
    EXISTS (SELECT 1 FROM handoff h WHERE h.contact_id = c.id AND h.closed_at IS NULL) AS with_sales,
    (SELECT g.rest_until FROM recycling g WHERE g.contact_id = c.id AND g.closed_at IS NULL) AS rest_until,
    -- Of several campaigns the one that is nearest to sending speaks.
    (SELECT e.id FROM enrolled e WHERE e.contact_id = c.id
     ORDER BY CASE e.state WHEN 'held' THEN 0 WHEN 'moving' THEN 1 WHEN 'waiting' THEN 2 WHEN 'resting' THEN 3 ELSE 4 END,
              e.id LIMIT 1) AS enrollment,
    (SELECT r.id FROM request r WHERE r.contact_id = c.id AND r.state = 'open' AND r.held_reason IS NOT NULL
     ORDER BY r.id LIMIT 1) AS request
  FROM quiet c)
SELECT c.id, c.email, c.stage, c.since, c.last_touch,
  CASE
    WHEN c.suppressed THEN 'suppressed'
    WHEN c.with_sales THEN 'with-sales'
    WHEN c.rest_until IS NOT NULL THEN 'at-rest'
    WHEN e.state = 'held' THEN e.held_reason
    WHEN r.id IS NOT NULL THEN r.held_reason
    WHEN e.state = 'resting' THEN 'resting'
    WHEN e.state = 'exhausted' THEN 'exhausted'
    WHEN e.id IS NOT NULL THEN 'waiting'
    ELSE 'no-campaign' END,
  iif(c.suppressed OR c.with_sales OR c.rest_until IS NOT NULL, '', coalesce(e.campaign, '')),
  CASE
    WHEN c.suppressed OR c.with_sales THEN NULL
    WHEN c.rest_until IS NOT NULL THEN c.rest_until
    WHEN e.state = 'held' THEN e.held_until
    WHEN r.id IS NOT NULL THEN r.held_until
    ELSE e.wake_at END
FROM told c LEFT JOIN enrollment e ON e.id = c.enrollment LEFT JOIN request r ON r.id = c.request
WHERE NOT :no_track OR (
  NOT c.suppressed AND NOT c.with_sales AND c.rest_until IS NULL AND e.id IS NULL
  AND c.consent IN ('express', 'implied') AND c.consent_basis IS NOT NULL AND c.consent_source IS NOT NULL
  AND (c.consent_until IS NULL OR c.consent_until > :now))
ORDER BY c.since, c.id;
