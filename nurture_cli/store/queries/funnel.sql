-- with_sales: How many contacts are in the hands of Sales, by the state of their hand-off.
SELECT state, count(*) FROM handoff WHERE closed_at IS NULL GROUP BY state ORDER BY state DESC;

-- at_rest: How many contacts were given back and are left in peace.
SELECT count(*) FROM recycling WHERE closed_at IS NULL;

-- alerts: How often the radar told each signal after an instant.
SELECT signal, count(*) FROM alert WHERE at > ? GROUP BY signal ORDER BY signal;
