"""Budgets and caps that hold exactly: who may still claim, what it costs, and what comes back."""
