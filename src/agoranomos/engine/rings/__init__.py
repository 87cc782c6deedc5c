"""Rings: people who act together, found by how dense, how simultaneous and how much tied to each other they are."""
