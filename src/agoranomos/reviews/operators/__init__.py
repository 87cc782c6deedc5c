"""Hired operators: one team at work for many unrelated merchants, and the service behind it."""
