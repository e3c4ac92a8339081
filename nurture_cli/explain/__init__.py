"""Why: what a plan does with a contact, what holds touches back, why nothing is due."""
