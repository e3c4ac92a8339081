-- Columns have the names of what they hold.
ALTER TABLE enrollment RENAME COLUMN casts TO items_sent;
ALTER TABLE bookmark RENAME COLUMN casts TO items_sent;
