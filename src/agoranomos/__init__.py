"""Agoranomos: the integrity system of an online marketplace."""

__version__ = "0.1.0"
