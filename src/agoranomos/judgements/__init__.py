"""Findings and decisions of all desks, as they were made."""
