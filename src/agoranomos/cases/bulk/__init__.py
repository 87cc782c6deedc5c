"""Many cases decided together, and undone together."""
