"""Evidence that leaves the house: one archive that whoever receives it can check alone."""
