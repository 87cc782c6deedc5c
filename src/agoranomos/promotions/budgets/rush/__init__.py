"""Claims of a campaign in a rush: names in memory, claims in segments, rows a little later."""
