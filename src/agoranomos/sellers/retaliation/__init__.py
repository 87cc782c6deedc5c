"""Retaliation: accounts tied to a punished seller that suddenly complain about others."""
