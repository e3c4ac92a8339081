-- count_by_state: How many open enrollments of each campaign are in each state, and held for which reason.
SELECT campaign, state, coalesce(held_reason, ''), count(*)
FROM enrollment WHERE ended_at IS NULL
GROUP BY campaign, state, held_reason ORDER BY campaign, state, held_reason;

-- count_ended: How many enrollments of each campaign ended, and how.
SELECT campaign, end_reason, count(*)
FROM enrollment WHERE end_reason IS NOT NULL
GROUP BY campaign, end_reason ORDER BY campaign, end_reason;

-- count_elsewhere: How many contacts are in campaigns other than these.
WITH RECURSIVE present (name) AS (  -- from one to the next, whatever the size of the list
  SELECT min(campaign) FROM enrollment WHERE ended_at IS NULL
  UNION ALL
  SELECT (SELECT min(campaign) FROM enrollment WHERE ended_at IS NULL AND campaign > name) FROM present
  WHERE name IS NOT NULL)
SELECT name, (SELECT count(*) FROM enrollment WHERE ended_at IS NULL AND campaign = name) FROM present
WHERE name IS NOT NULL AND name NOT IN (SELECT value FROM json_each(?));
