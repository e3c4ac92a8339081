-- make_contacts: Rows of a contacts file on their way in; NULL leaves a fact alone, '' clears it.
CREATE TEMP TABLE incoming (
  row             INTEGER PRIMARY KEY,
  address_hash    BLOB NOT NULL,
  email           TEXT NOT NULL,
  first_name      TEXT, last_name TEXT, company TEXT, job_title TEXT, role TEXT, phone TEXT, country TEXT,
  language        TEXT, source TEXT, consent_basis TEXT, consent_source TEXT,
  zone            TEXT, zone_given TEXT,         -- one of the two is given, never both; they change together
  stage           TEXT,
  consent         TEXT,
  consent_at      INTEGER,
  consent_until   INTEGER,
  suppressed      TEXT,                          -- why nothing may be sent to the address
  fields          TEXT,                          -- a JSON merge patch
  tags            TEXT                           -- a JSON list
);

-- make_known: The contact of each row, and what the row may do to one that was there before.
CREATE TEMP TABLE known (
  row             INTEGER PRIMARY KEY,
  contact_id      INTEGER NOT NULL,
  agrees          INTEGER,                       -- its consent counts
  raises          INTEGER,                       -- it says more consent than there is
  advances        INTEGER,                       -- its stage counts
  retreats        INTEGER                        -- its stage is an earlier one
);

-- make_stages: The stages in their order.
CREATE TEMP TABLE stage_order (stage TEXT PRIMARY KEY, place INTEGER NOT NULL);

-- make_changes: What contacts that were known before will have instead.
CREATE TEMP TABLE wanted (
  id INTEGER PRIMARY KEY, address_hash, first_name, last_name, company, job_title, role, phone, country, language,
  source, zone, zone_given, stage, stage_before, consent, consent_before, consent_basis, consent_source, consent_at,
  consent_until, fields
);

-- make_tags: Tags that contacts will carry and do not carry yet.
CREATE TEMP TABLE wanted_tag (contact_id INTEGER, tag TEXT, PRIMARY KEY (contact_id, tag)) WITHOUT ROWID;

-- make_leaving: Addresses that nothing may be sent to by what the file says, each for the strongest of its reasons.
CREATE TEMP TABLE leaving (
  address_hash    BLOB PRIMARY KEY,
  reason          TEXT NOT NULL,
  strength        INTEGER NOT NULL
) WITHOUT ROWID;

-- add_stage: One stage and its place in the order.
INSERT INTO stage_order VALUES (?, ?);

-- last_contact: The newest contact's id.
SELECT coalesce(max(id), 0) FROM contact;

-- any_erased: Whether anybody ever asked to be erased.
SELECT EXISTS (SELECT 1 FROM suppression WHERE reason = 'erased' AND lifted_at IS NULL);

-- refuse_erased: Note the rows of people who asked to be erased.
INSERT INTO problem (row, reason)
SELECT row, 'This person asked to be erased and is not taken in again.' FROM incoming
WHERE address_hash IN (SELECT address_hash FROM suppression WHERE reason = 'erased' AND lifted_at IS NULL);

-- find_known: Find the contacts that are there already, and what their rows may do; a word's place is its rank.
INSERT INTO known
SELECT i.row, c.id,
  :raise_consent OR instr('withdrawn unknown implied express', coalesce(i.consent, c.consent))
    < instr('withdrawn unknown implied express', c.consent),
  i.consent IS NOT NULL AND instr('withdrawn unknown implied express', i.consent)
    > instr('withdrawn unknown implied express', c.consent),
  given.place > coalesce(held.place, -1),
  given.place < held.place
FROM incoming i CROSS JOIN contact c ON c.address_hash = i.address_hash
LEFT JOIN stage_order given ON given.stage = i.stage
LEFT JOIN stage_order held ON held.stage = c.stage;

-- find_rest: Find the contacts of the other rows, once the new ones are there.
INSERT INTO known (row, contact_id)
SELECT i.row, c.id FROM incoming i CROSS JOIN contact c ON c.address_hash = i.address_hash
WHERE NOT EXISTS (SELECT 1 FROM known k WHERE k.row = i.row);

-- insert_new: Make contacts of the addresses that are not known; of several rows with one address the first counts.
INSERT INTO contact (email, address_hash, first_name, last_name, company, job_title, role, phone, country, language,
  source, zone, zone_given, stage, stage_at, consent, consent_basis, consent_source, consent_at, consent_until, fields,
  created_at, updated_at)
SELECT email, address_hash, first_name, last_name, company, job_title, role, phone, country, language, source, zone,
  zone_given, coalesce(stage, :first_stage), :now, coalesce(consent, 'unknown'), consent_basis, consent_source,
  consent_at, consent_until, iif(fields IS NULL, '{}', json_patch('{}', fields)), :now, :now
FROM incoming
WHERE NOT EXISTS (SELECT 1 FROM known) OR NOT EXISTS (SELECT 1 FROM known k WHERE k.row = incoming.row)
ORDER BY row
ON CONFLICT (address_hash) DO NOTHING;

-- clear_new: Where new contacts were given a clearing, there is simply nothing.
UPDATE contact
SET first_name = nullif(first_name, ''), last_name = nullif(last_name, ''), company = nullif(company, ''),
  job_title = nullif(job_title, ''), role = nullif(role, ''), phone = nullif(phone, ''), country = nullif(country, ''),
  language = nullif(language, ''), source = nullif(source, ''), zone = nullif(zone, '')
WHERE id > :last_id AND '' IN (first_name, last_name, company, job_title, role, phone, country, language, source, zone);

-- refuse_repeated_contacts: Note the rows whose address stands in an earlier row.
INSERT INTO problem (row, reason, first)
SELECT k.row, 'The same address stands in row ' || d.first || '.', d.first
FROM (SELECT contact_id, min(row) AS first FROM known GROUP BY contact_id HAVING count(*) > 1) d
JOIN known k ON k.contact_id = d.contact_id AND k.row > d.first;

-- forget_refused: Forget the contacts of rows that are not taken in.
DELETE FROM known WHERE row IN (SELECT row FROM problem);

-- drop_refused: Forget the rows that are not taken in.
DELETE FROM incoming WHERE row IN (SELECT row FROM problem);

-- count_held: How many known contacts keep their consent and their stage, though the file would raise or lower them.
SELECT coalesce(sum(raises AND NOT agrees), 0), coalesce(sum(retreats), 0) FROM known WHERE contact_id <= :last_id;

-- count_proof_kept: How many known contacts have the same consent as in the file, and keep when or how they gave it.
SELECT count(*) FROM known k CROSS JOIN incoming i ON i.row = k.row CROSS JOIN contact c ON c.id = k.contact_id
WHERE k.contact_id <= :last_id AND NOT k.agrees AND NOT coalesce(k.raises, 0) AND (
  i.consent_at <> coalesce(c.consent_at, i.consent_at + 1) OR i.consent_basis <> coalesce(c.consent_basis, '')
  OR i.consent_source <> coalesce(c.consent_source, ''));

-- find_changes: Work out what known contacts will have where it differs from what they have.
INSERT INTO wanted
SELECT * FROM (
  SELECT c.id, c.address_hash,
    iif(i.first_name IS NULL, c.first_name, nullif(i.first_name, '')) AS first_name,
    iif(i.last_name IS NULL, c.last_name, nullif(i.last_name, '')) AS last_name,
    iif(i.company IS NULL, c.company, nullif(i.company, '')) AS company,
    iif(i.job_title IS NULL, c.job_title, nullif(i.job_title, '')) AS job_title,
    iif(i.role IS NULL, c.role, nullif(i.role, '')) AS role,
    iif(i.phone IS NULL, c.phone, nullif(i.phone, '')) AS phone,
    iif(i.country IS NULL, c.country, nullif(i.country, '')) AS country,
    iif(i.language IS NULL, c.language, nullif(i.language, '')) AS language,
    iif(i.source IS NULL, c.source, nullif(i.source, '')) AS source,
    iif(coalesce(i.zone, i.zone_given) IS NULL, c.zone, nullif(i.zone, '')) AS zone,
    iif(coalesce(i.zone, i.zone_given) IS NULL, c.zone_given, i.zone_given) AS zone_given,
    iif(k.advances, i.stage, c.stage) AS stage, c.stage AS stage_before,
    iif(k.agrees, coalesce(i.consent, c.consent), c.consent) AS consent, c.consent AS consent_before,
    iif(k.agrees, coalesce(i.consent_basis, c.consent_basis), c.consent_basis) AS consent_basis,
    iif(k.agrees, coalesce(i.consent_source, c.consent_source), c.consent_source) AS consent_source,
    iif(k.agrees, coalesce(i.consent_at, c.consent_at), c.consent_at) AS consent_at,
    -- An earlier end is less consent, and counts in any case.
    iif(k.agrees OR i.consent_until < coalesce(c.consent_until, i.consent_until + 1),
      coalesce(i.consent_until, c.consent_until), c.consent_until) AS consent_until,
    iif(i.fields IS NULL, c.fields, json_patch(c.fields, i.fields)) AS fields
  FROM known k CROSS JOIN incoming i ON i.row = k.row CROSS JOIN contact c ON c.id = k.contact_id
  WHERE k.contact_id <= :last_id
) w
WHERE EXISTS (
  SELECT 1 FROM contact c
  WHERE c.id = w.id AND (c.first_name, c.last_name, c.company, c.job_title, c.role, c.phone, c.country, c.language,
      c.source, c.zone, c.zone_given, c.stage, c.consent, c.consent_basis, c.consent_source, c.consent_at,
      c.consent_until, c.fields)
    IS NOT (w.first_name, w.last_name, w.company, w.job_title, w.role, w.phone, w.country, w.language,
      w.source, w.zone, w.zone_given, w.stage, w.consent, w.consent_basis, w.consent_source, w.consent_at,
      w.consent_until, w.fields));

-- find_tags: Work out which contacts of the file lack which of its tags.
INSERT INTO wanted_tag
SELECT DISTINCT k.contact_id, t.value
FROM known k CROSS JOIN incoming i ON i.row = k.row CROSS JOIN json_each(i.tags) t
WHERE NOT EXISTS (SELECT 1 FROM contact_tag g WHERE g.contact_id = k.contact_id AND g.tag = t.value);

-- record_stage_moves: Remember who goes to another stage.
INSERT INTO stage_move (contact_id, from_stage, to_stage, at, cause)
SELECT id, stage_before, stage, :now, :cause FROM wanted WHERE stage <> stage_before;

-- change_contacts: Write what differs.
UPDATE contact
SET first_name = w.first_name, last_name = w.last_name, company = w.company, job_title = w.job_title, role = w.role,
  phone = w.phone, country = w.country, language = w.language, source = w.source, zone = w.zone,
  zone_given = w.zone_given, stage_at = iif(contact.stage = w.stage, contact.stage_at, :now), stage = w.stage,
  furthest_stage = iif(contact.stage = w.stage OR (SELECT place FROM stage_order WHERE stage = w.stage)
    < (SELECT place FROM stage_order WHERE stage = contact.furthest_stage), contact.furthest_stage, ''),
  consent = w.consent, consent_basis = w.consent_basis, consent_source = w.consent_source, consent_at = w.consent_at,
  consent_until = w.consent_until, fields = w.fields, updated_at = :now
FROM wanted w WHERE w.id = contact.id;

-- count_tags: How many rows have which tag, the most frequent first.
SELECT t.value, count(*) AS rows FROM incoming i CROSS JOIN json_each(i.tags) t
GROUP BY t.value ORDER BY rows DESC, t.value;

-- add_tags: Put the tags on.
INSERT INTO contact_tag (contact_id, tag) SELECT contact_id, tag FROM wanted_tag WHERE true;

-- note_leaving: Note who left by a row that is not taken in. A word's place is its strength.
INSERT INTO leaving VALUES (:address_hash, :reason, instr('hard-bounce manual unsubscribed complaint', :reason))
ON CONFLICT (address_hash) DO UPDATE SET reason = excluded.reason, strength = excluded.strength
WHERE excluded.strength > strength;

-- find_leaving: Note who left by the rows, those that repeat an address too.
INSERT INTO leaving
SELECT address_hash, suppressed, max(instr('hard-bounce manual unsubscribed complaint', suppressed))
FROM incoming WHERE suppressed IS NOT NULL GROUP BY address_hash
ON CONFLICT (address_hash) DO UPDATE SET reason = excluded.reason, strength = excluded.strength
WHERE excluded.strength > strength;

-- find_withdrawn_again: Note whose consent is withdrawn by a row that repeats an address.
INSERT INTO leaving
SELECT i.address_hash, 'unsubscribed', instr('hard-bounce manual unsubscribed complaint', 'unsubscribed')
FROM problem p CROSS JOIN incoming i ON i.row = p.row WHERE i.consent = 'withdrawn'
ON CONFLICT (address_hash) DO UPDATE SET reason = excluded.reason, strength = excluded.strength
WHERE excluded.strength > strength;

-- any_withdrawn: Whether anybody withdraws by this file.
SELECT EXISTS (SELECT 1 FROM incoming WHERE consent = 'withdrawn');

-- find_withdrawn: Note whose consent is withdrawn by this file, and was not before.
INSERT INTO leaving
SELECT address_hash, 'unsubscribed', instr('hard-bounce manual unsubscribed complaint', 'unsubscribed') FROM (
  SELECT address_hash FROM wanted WHERE consent = 'withdrawn' AND consent_before <> 'withdrawn'
  UNION ALL SELECT address_hash FROM contact WHERE id > :last_id AND consent = 'withdrawn')
WHERE true
ON CONFLICT (address_hash) DO UPDATE SET reason = excluded.reason, strength = excluded.strength
WHERE excluded.strength > strength;

-- replace_weaker_suppressions: Make way for suppressing who left and is suppressed for less than that.
UPDATE suppression SET lifted_at = :now, lifted_why = 'replaced by: ' || l.reason FROM leaving l
WHERE l.address_hash = suppression.address_hash AND suppression.lifted_at IS NULL
  AND instr('hard-bounce manual unsubscribed complaint erased', suppression.reason) < l.strength;

-- suppress_leaving: Never write to who left by this file.
INSERT INTO suppression (address_hash, reason, source, at)
SELECT address_hash, reason, :cause, :now FROM leaving WHERE true
ON CONFLICT DO NOTHING;

-- any_staying: Whether there is a row that does not say that somebody left.
SELECT EXISTS (SELECT 1 FROM incoming WHERE suppressed IS NULL AND coalesce(consent, '') <> 'withdrawn');

-- any_agreeing: Whether the file gives anybody consent who did not leave by it.
SELECT EXISTS (SELECT 1 FROM incoming WHERE suppressed IS NULL AND consent IN ('implied', 'express'));

-- count_lacking: How many contacts of the file, suppressed ones aside, lack consent, its basis, its source, either one.
SELECT count(*) FILTER (WHERE consent = 'unknown'), count(*) FILTER (WHERE consent <> 'unknown' AND consent_basis IS NULL),
  count(*) FILTER (WHERE consent <> 'unknown' AND consent_source IS NULL), count(*) FILTER (WHERE consent <> 'unknown')
FROM (
  SELECT address_hash, consent, consent_basis, consent_source FROM contact WHERE id > :last_id
  UNION ALL
  SELECT c.address_hash, c.consent, c.consent_basis, c.consent_source
  FROM known k CROSS JOIN contact c ON c.id = k.contact_id WHERE k.contact_id <= :last_id) of_file
WHERE (consent = 'unknown' OR (consent <> 'withdrawn' AND (consent_basis IS NULL OR consent_source IS NULL)))
  AND NOT EXISTS (
    SELECT 1 FROM suppression s WHERE s.address_hash = of_file.address_hash AND s.lifted_at IS NULL);

-- count_known: How many rows have a contact already.
SELECT count(*) FROM known;

-- count_incoming: How many rows are on their way in.
SELECT count(*) FROM incoming;

-- count_changed: How many contacts that were known before will change.
SELECT count(*) FROM (
  SELECT id FROM wanted UNION SELECT contact_id FROM wanted_tag WHERE contact_id <= :last_id);

-- count_suppressed_new: How many new contacts are suppressed.
SELECT count(*) FROM suppression s CROSS JOIN contact c ON c.address_hash = s.address_hash
WHERE s.lifted_at IS NULL AND c.id > :last_id;

-- count_suppressed_known: How many known contacts of the file are suppressed.
SELECT count(*) FROM known
WHERE contact_id <= :last_id AND contact_id IN (
  SELECT c.id FROM suppression s JOIN contact c ON c.address_hash = s.address_hash WHERE s.lifted_at IS NULL);

-- count_zones: How many rows have a zone that is not known, and how many one whose sign is often misread.
SELECT count(*) FILTER (WHERE zone_given <> ''), count(*) FILTER (WHERE zone GLOB 'Etc/GMT[-+][1-9]*')
FROM incoming WHERE coalesce(zone, zone_given) IS NOT NULL;

-- unknown_zones: The first rows whose zone is not known, one for each zone.
SELECT zone_given, min(row) AS first, count(*) FROM incoming WHERE zone_given <> ''
GROUP BY zone_given ORDER BY first LIMIT :most;
