"""Numbers over all desks."""
