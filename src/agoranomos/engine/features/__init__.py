"""Windowed features: what happened lately to a key, kept in memory while events pass, and the same as SQL."""
