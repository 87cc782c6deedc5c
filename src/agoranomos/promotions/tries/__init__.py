"""Codes that are tried: who misses too often waits, ever longer."""
