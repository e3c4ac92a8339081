"""What it remembers: one SQLite file."""
