-- count_by_state: How many open enrollments of each campaign are in each state, and held for which reason.
SELECT campaign, state, coalesce(held_reason, ''), count(*)
FROM enrollment WHERE ended_at IS NULL
GROUP BY campaign, state, held_reason ORDER BY campaign, state, held_reason;

-- count_ended: How many enrollments of each campaign ended, and how.
SELECT campaign, end_reason, count(*)
FROM enrollment WHERE ended_at IS NOT NULL
GROUP BY campaign, end_reason ORDER BY campaign, end_reason;
