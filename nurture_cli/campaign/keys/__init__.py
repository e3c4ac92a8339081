"""Every key of every file, each declared once: its kind, its words, how it is read."""
