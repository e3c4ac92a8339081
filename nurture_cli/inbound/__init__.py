"""Data that comes in: contacts, events, suppressions."""
