"""Extortion: bad reviews that are posted to be paid for, and taken back when they are."""
