"""Who harvests people: found by whom they read and with what business, not by how fast they go."""
