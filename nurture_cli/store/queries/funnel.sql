-- with_sales: How many contacts are with Sales, by the state of their hand-off.
SELECT state, count(*) FROM handoff WHERE closed_at IS NULL GROUP BY state ORDER BY state DESC;

-- at_rest: How many contacts Sales returned who are still at rest.
SELECT count(*) FROM recycling WHERE closed_at IS NULL;

-- alerts: How often the radar told of each signal after an instant.
SELECT signal, count(*) FROM alert WHERE at > ? AND history = 0 GROUP BY signal ORDER BY signal;
