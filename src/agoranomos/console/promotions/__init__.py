"""Campaigns: how they stand, whether they make sense together, and what an incident calls for."""
