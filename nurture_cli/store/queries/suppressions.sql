-- in_force: The suppression of an address hash that holds now.
SELECT s.id, s.address_hash, s.reason, s.source, s.at, s.lifted_at, s.lifted_why, c.id, c.email
FROM suppression s LEFT JOIN contact c ON c.address_hash = s.address_hash
WHERE s.address_hash = ? AND s.lifted_at IS NULL;

-- insert: Never write to an address again.
INSERT INTO suppression (address_hash, reason, source, at) VALUES (:address_hash, :reason, :source, :at);

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
