"""Getting data in: contacts, events."""
