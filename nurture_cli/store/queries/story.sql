-- story: Everything about one contact; at one instant what came in, what the funnel made of it, then campaigns and sends.
SELECT at, 'event', '', '', kind || iif(asset = '', '', ' ' || asset) || iif(machine = 1, ' (a machine)', ''),
       properties, 0 AS rank, id
FROM main.event WHERE contact_id = :contact AND machine = 0 OR contact_id = :contact AND machine = 1
UNION ALL
SELECT at, 'alert', '', '', 'radar: ' || signal || iif(history = 1, ' (history)', ''), facts, 1, id FROM main.alert WHERE contact_id = :contact
UNION ALL
SELECT at, 'hand-off', '', '', state || iif(reason IS NULL, '', ': ' || reason)
       || iif(value IS NULL, '', printf(', value %g', value)), '{}', 2, id
FROM (SELECT id, answered_at AS at, 'accepted' AS state, NULL AS reason, NULL AS value FROM main.handoff
      WHERE contact_id = :contact AND answered_at IS NOT NULL AND answered_at IS NOT closed_at
      UNION ALL
      SELECT id, closed_at, state, reason, value FROM main.handoff
      WHERE contact_id = :contact AND closed_at IS NOT NULL)
UNION ALL
SELECT at, 'stage', '', '', from_stage || ' -> ' || to_stage || ' (' || cause || iif(reason = '', '', ', ' || reason)
       || iif(version = '', '', ', version ' || version) || ')', facts,
       iif(instr(cause, '/') AND cause NOT LIKE 'radar/%', 7, 3), id
FROM main.stage_move WHERE contact_id = :contact
UNION ALL
SELECT at, 'hand-off', '', '', 'to Sales (' || cause || ', ' || sort || ')', '{}', iif(instr(cause, '/'), 8, 4), id
FROM main.handoff WHERE contact_id = :contact
UNION ALL
SELECT at, 'recycling', '', '', 'returned by Sales: ' || reason || ', interest: ' || interest, '{}', 5, id
FROM main.recycling WHERE contact_id = :contact
UNION ALL
SELECT closed_at, 'recycling', '', '', 'its rest has ended: ' || closed_why, '{}', 5, id
FROM main.recycling WHERE contact_id = :contact AND closed_at IS NOT NULL
UNION ALL
SELECT d.at, 'decision', e.campaign, d.step, d.kind || ': ' || d.outcome, d.facts, 6, d.id
FROM main.enrollment e JOIN main.decision d ON d.enrollment_id = e.id WHERE e.contact_id = :contact
UNION ALL
SELECT at, 'touch', campaign, step, asset || ': ' || state || ' (' || reason || ')', '{}', 9, id
FROM main.touch WHERE contact_id = :contact AND counted = 1 OR contact_id = :contact AND counted = 0
ORDER BY 1, 7, 8;
