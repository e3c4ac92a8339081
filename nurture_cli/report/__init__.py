"""Reports about contacts: the brief for Sales, the queue, who is forgotten."""
