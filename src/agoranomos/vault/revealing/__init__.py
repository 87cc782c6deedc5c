"""Who may read personal data back: under a permit, for a purpose and a case, for a while, so many a day."""
