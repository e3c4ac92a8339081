"""Who is due: reads only."""
