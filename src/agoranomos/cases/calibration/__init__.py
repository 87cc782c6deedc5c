"""Scores fitted to decided cases: curves that people agree to, and a report of drift."""
