"""Common sense before launch: the worst basket that all campaigns together allow, and what may be lost."""
