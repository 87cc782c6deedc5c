"""Planted records, accounts and numbers that nobody honest has a reason to read or call."""
