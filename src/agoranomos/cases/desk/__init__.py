"""A case: what gathers in it, what is known, how it ends."""
