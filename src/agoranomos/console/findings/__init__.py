"""Findings as pages: the list, and one with everything that it rests on."""
