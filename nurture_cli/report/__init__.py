"""What is told of contacts: the brief for Sales, the queue, who is forgotten."""
