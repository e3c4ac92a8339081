"""What nurture remembers: one SQLite file, and the send journal beside it."""
