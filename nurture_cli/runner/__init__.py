"""Making it so: the only writer of touches, the only sender."""
