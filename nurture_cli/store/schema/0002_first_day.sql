-- The database knows its key file, an address has one contact whatever key it was hashed with, and a run remembers its code.

-- Keyed fingerprint of the key file that all address hashes were made with; written by `init` and by `migrate`.
ALTER TABLE instance ADD COLUMN key_fingerprint BLOB CHECK (key_fingerprint IS NULL OR length(key_fingerprint) = 16);

-- The second guard, which needs no key: two contacts of one address would both be written to.
CREATE UNIQUE INDEX contact_by_address ON contact (lower(email));

-- The exit code that a run ended with; NULL while it is on, when it was killed, and in runs before this column.
ALTER TABLE run ADD COLUMN code INTEGER;
