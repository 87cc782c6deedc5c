"""What a reader was shown: which people, which fields, when; for whoever has to report a breach within hours."""
