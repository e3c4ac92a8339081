-- make_problems: Rows that were not taken in, and why; `first` is the earlier row with the same identity.
CREATE TEMP TABLE problem (row INTEGER PRIMARY KEY, reason TEXT NOT NULL, first INTEGER);

-- add_problem: One row that is not taken in.
INSERT INTO problem (row, reason) VALUES (?, ?);

-- problems: The rows that were not taken in, in their order.
SELECT row, reason FROM problem ORDER BY row;

-- count_problems: How many rows were refused, and how many repeat an earlier one.
SELECT count(*) FILTER (WHERE first IS NULL), count(*) FILTER (WHERE first IS NOT NULL) FROM problem;

-- count_reasons: Why rows were refused, the most frequent reason first.
SELECT reason, count(*) FROM problem WHERE first IS NULL GROUP BY reason ORDER BY count(*) DESC, reason LIMIT :most;
