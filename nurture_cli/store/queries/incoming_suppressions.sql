-- make_suppressions: Addresses on their way to be suppressed, several rows for one perhaps.
CREATE TEMP TABLE incoming_suppression (
  row             INTEGER PRIMARY KEY,
  address_hash    BLOB    NOT NULL,
  reason          TEXT    NOT NULL,
  source          TEXT    NOT NULL,
  at              INTEGER NOT NULL
);

-- make_stronger: What is new of it, once for each address; `held` is the weaker reason in force, NULL when none is.
CREATE TEMP TABLE stronger (
  address_hash    BLOB PRIMARY KEY,
  reason          TEXT    NOT NULL,
  source          TEXT    NOT NULL,
  at              INTEGER NOT NULL,
  held            TEXT
) WITHOUT ROWID;

-- add: One row.
INSERT INTO incoming_suppression VALUES (?, ?, ?, ?, ?);

-- count_addresses: How many addresses the rows have.
SELECT count(DISTINCT address_hash) FROM incoming_suppression;

-- find_stronger: The strongest reason for each address, if it is stronger than the one in force; a word's place says.
INSERT INTO stronger
SELECT i.address_hash, i.reason, i.source, i.at, s.reason
FROM (
  SELECT *, row_number() OVER (PARTITION BY address_hash
    ORDER BY instr('hard-bounce manual unsubscribed complaint erased', reason) DESC, row) AS place
  FROM incoming_suppression) i
LEFT JOIN suppression s ON s.address_hash = i.address_hash AND s.lifted_at IS NULL
WHERE i.place = 1 AND instr('hard-bounce manual unsubscribed complaint erased', i.reason)
  > coalesce(instr('hard-bounce manual unsubscribed complaint erased', s.reason), 0);

-- replace_weaker: Make way for the stronger reasons.
UPDATE suppression SET lifted_at = :now, lifted_why = 'replaced by: ' || n.reason
FROM stronger n
WHERE n.held IS NOT NULL AND suppression.address_hash = n.address_hash AND suppression.lifted_at IS NULL;

-- suppress: Never write to these addresses again.
INSERT INTO suppression (address_hash, reason, source, at)
SELECT address_hash, reason, source, at FROM stronger WHERE true ORDER BY address_hash;

-- count_new: How many addresses were not suppressed before, and how many were for a weaker reason.
SELECT count(*) FILTER (WHERE held IS NULL), count(*) FILTER (WHERE held IS NOT NULL) FROM stronger;

-- count_contacts: How many of the addresses that are new belong to contacts.
SELECT count(*) FROM stronger n CROSS JOIN contact c ON c.address_hash = n.address_hash WHERE n.held IS NULL;
