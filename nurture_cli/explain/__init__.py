"""Why: what a plan makes of a contact, what holds touches back, why nothing is due."""
