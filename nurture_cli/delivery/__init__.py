"""How a message leaves: messengers for each kind of channel, and what the other side said."""
