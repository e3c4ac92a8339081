-- by_hash: The id of the contact with an address hash.
SELECT id FROM contact WHERE address_hash = ?;

-- hash_by_id: The address hash of the contact with an id.
SELECT address_hash FROM contact WHERE id = ?;

-- email_by_hash: The address of the contact with an address hash.
SELECT email FROM contact WHERE address_hash = ?;

-- by_ids: Contacts by a JSON list of ids, in the order of their ids.
SELECT id, email, address_hash, stage, stage_at, first_name, last_name, company, job_title, role, phone, country,
  language, source, zone, zone_given, consent, consent_basis, consent_source, consent_at, consent_until, fields,
  created_at, updated_at, furthest_stage,
  (SELECT reason FROM suppression s WHERE s.address_hash = contact.address_hash AND s.lifted_at IS NULL)
FROM contact
WHERE id IN (SELECT value FROM json_each(:ids))
ORDER BY id;

-- tags_by_ids: The tags of contacts by a JSON list of ids.
SELECT contact_id, tag FROM contact_tag WHERE contact_id IN (SELECT value FROM json_each(:ids));

-- next_ids: The ids of so many contacts after one.
SELECT id FROM contact WHERE id > :after ORDER BY id LIMIT :count;

-- addresses: Every address with its hash.
SELECT CAST(email AS BLOB), address_hash FROM contact;

-- count: How many contacts there are.
SELECT count(*) FROM contact;

-- count_second: How many addresses have more than one contact.
SELECT count(*) FROM (SELECT 1 FROM contact GROUP BY lower(email) HAVING count(*) > 1);

-- by_address: The id of the contact with a normalised address, whatever key it was hashed with.
SELECT id FROM contact WHERE lower(email) = ?;

-- count_by_stage: How many contacts are in each stage.
SELECT stage, count(*) FROM contact WHERE stage <> '' GROUP BY stage;

-- count_zones: How many contacts have an unknown zone, and how many have one whose sign is often misread.
SELECT count(*) FILTER (WHERE zone_given <> ''), count(*) FILTER (WHERE zone GLOB 'Etc/GMT[-+][1-9]*')
FROM contact WHERE coalesce(zone, zone_given) IS NOT NULL;

-- insert: A new contact of which only the address and the stage are known.
INSERT INTO contact (email, address_hash, stage, stage_at, created_at, updated_at)
VALUES (:email, :address_hash, :stage, :now, :now, :now);

-- change: Write the facts of a contact that may change, all at once.
UPDATE contact
SET first_name = :first_name, last_name = :last_name, company = :company, job_title = :job_title, role = :role,
  phone = :phone, country = :country, language = :language, source = :source, zone = :zone, zone_given = :zone_given,
  fields = :fields, updated_at = :now
WHERE id = :id;

-- change_address: Give a contact another address.
UPDATE contact SET email = :email, address_hash = :address_hash, updated_at = :now WHERE id = :id;

-- change_stage: Put a contact into another stage.
UPDATE contact SET stage = :stage, stage_at = :now, furthest_stage = :furthest, updated_at = :now WHERE id = :id;

-- record_stage_move: Record that a contact went from one stage to another, and why.
INSERT INTO stage_move (contact_id, from_stage, to_stage, at, cause, reason, version)
VALUES (:id, :before, :stage, :now, :cause, :reason, :version);

-- stage_moves: How a contact went through the stages, oldest first.
SELECT from_stage, to_stage, at, cause FROM stage_move WHERE contact_id = ? ORDER BY at, id;

-- change_consent: Record what a contact agreed to, and how we know.
UPDATE contact
SET consent = :consent, consent_basis = :basis, consent_source = :source, consent_at = :at, consent_until = :until,
  updated_at = :now
WHERE id = :id;

-- add_tag: Put a tag on a contact that does not carry it yet.
INSERT INTO contact_tag (contact_id, tag) VALUES (:id, :tag) ON CONFLICT DO NOTHING;

-- remove_tag: Take a tag off a contact.
DELETE FROM contact_tag WHERE contact_id = :id AND tag = :tag;

-- tags: All tags and how many contacts carry each.
SELECT tag, count(*) FROM contact_tag GROUP BY tag ORDER BY tag;
