"""Numbers about all desks, each with a definition and the rows behind it."""
