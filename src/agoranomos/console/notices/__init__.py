"""Notices of rights holders: what is owed until when, both sides, and the decision."""
