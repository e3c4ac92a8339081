-- in_force: The suppression of an address hash that holds now.
SELECT s.id, s.address_hash, s.reason, s.source, s.at, s.lifted_at, s.lifted_why, c.id, c.email
FROM suppression s LEFT JOIN contact c ON c.address_hash = s.address_hash
WHERE s.address_hash = ? AND s.lifted_at IS NULL;

-- insert: Never write to an address again.
INSERT INTO suppression (address_hash, reason, source, at) VALUES (:address_hash, :reason, :source, :at);

-- in_one_index: Which of some contacts only one of the two indexes of suppressions knows as suppressed.
SELECT c.id FROM json_each(?) i JOIN contact c ON c.id = i.value
WHERE EXISTS (SELECT 1 FROM suppression s INDEXED BY suppression_twice
              WHERE s.address_hash = c.address_hash AND s.lifted_at IS NULL)
  <> EXISTS (SELECT 1 FROM suppression s INDEXED BY suppression_in_force
             WHERE s.address_hash = c.address_hash AND s.lifted_at IS NULL);

-- lift: End the suppression that holds, saying why.
UPDATE suppression SET lifted_at = :at, lifted_why = :why WHERE address_hash = :address_hash AND lifted_at IS NULL;

-- list: All suppressions in force, oldest first, with the contact's address where there is a contact.
SELECT s.id, s.address_hash, s.reason, s.source, s.at, s.lifted_at, s.lifted_why, c.id, c.email
FROM suppression s LEFT JOIN contact c ON c.address_hash = s.address_hash
WHERE s.lifted_at IS NULL
ORDER BY s.at, s.id;

-- history: Every suppression of an address hash, lifted ones too, oldest first.
SELECT id, address_hash, reason, source, at, lifted_at, lifted_why
FROM suppression WHERE address_hash = ? ORDER BY at, id;

-- count: How many suppressions are in force for each reason.
SELECT reason, count(*) FROM suppression WHERE lifted_at IS NULL GROUP BY reason ORDER BY reason;

-- last_import: When the last import with this source was that has a suppression in force.
SELECT max(at) FROM suppression WHERE source = :source AND lifted_at IS NULL;

-- count_imported: How many suppressions of one import are in force for each reason.
SELECT reason, count(*) FROM suppression WHERE source = :source AND at = :at AND lifted_at IS NULL
GROUP BY reason ORDER BY reason;

-- lift_imported: End the suppressions of one import that are in force, saying why.
UPDATE suppression SET lifted_at = :now, lifted_why = :why WHERE source = :source AND at = :at AND lifted_at IS NULL;

-- lift_of_run: End the suppressions in force that come from refused touches of one run, saying why.
UPDATE suppression SET lifted_at = :now, lifted_why = :why
WHERE lifted_at IS NULL AND reason = 'hard-bounce' AND id IN (
  SELECT s.id FROM touch t JOIN contact c ON c.id = t.contact_id JOIN suppression s ON s.address_hash = c.address_hash
  WHERE t.run_id = :run AND substr(s.source, -length('(touch ' || t.key || ')')) = '(touch ' || t.key || ')');

-- restore: Bring back the weaker reasons that an import had replaced, whose suppressions were lifted just now.
INSERT INTO suppression (address_hash, reason, source, at)
SELECT b.address_hash, b.reason, b.source, b.at
FROM suppression gone JOIN suppression b ON b.address_hash = gone.address_hash
WHERE gone.source = :source AND gone.at = :at AND gone.lifted_at = :now AND gone.lifted_why = :why
  AND b.id < gone.id AND b.lifted_at = gone.at AND b.lifted_why = 'replaced by: ' || gone.reason
ORDER BY b.id DESC
ON CONFLICT DO NOTHING;

-- any_imported: Whether any suppression ever came from a file.
SELECT EXISTS (SELECT 1 FROM suppression WHERE source GLOB 'import *');

-- count_contacts: How many suppressions in force are those of contacts.
SELECT count(*) FROM suppression s CROSS JOIN contact c ON c.address_hash = s.address_hash WHERE s.lifted_at IS NULL;

-- any_unwitnessed: Whether the send journal lacks a line about any suppression.
SELECT EXISTS (SELECT 1 FROM suppression WHERE witnessed = 0);

-- suppression_line: The first suppressions about which the journal lacks a line, as these lines; free words are cut off.
SELECT id, CAST(json_object(
  'suppressed', lower(hex(address_hash)), 'number', id, 'reason', reason, 'source', substr(source, 1, 1000), 'at', at,
  'lifted_at', lifted_at, 'lifted_why', substr(lifted_why, 1, 1000)) || char(10) AS BLOB)
FROM suppression WHERE witnessed = 0 ORDER BY id LIMIT :limit;

-- witness: The journal has lines about these.
UPDATE suppression SET witnessed = 1 WHERE witnessed = 0 AND id <= :last;

-- forget_witnessed: The journal begins anew, without lines.
UPDATE suppression SET witnessed = 0 WHERE witnessed = 1;

-- same: When the suppression of a journal's line was lifted, if this database has it under the number of the line.
SELECT lifted_at FROM suppression
WHERE id = :number AND address_hash = :address_hash AND reason = :reason AND at = :at;

-- insert_witnessed: A suppression that only the journal remembers, under its number unless that is taken.
INSERT INTO suppression (id, address_hash, reason, source, at, witnessed)
VALUES (iif(EXISTS (SELECT 1 FROM suppression WHERE id = :number), NULL, :number), :address_hash, :reason, :source, :at, 1);
