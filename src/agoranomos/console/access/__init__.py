"""Who reads the users: readers against what they may be shown, and what leaves as a file."""
