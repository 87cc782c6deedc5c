"""Cases: what waits, in which order, and one case with its evidence, from being taken to being decided."""
