"""What different sources know of one listing, as weights that add up to one score."""
