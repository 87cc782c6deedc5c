"""Penalty points: which offences a seller has, what each costs, when it ends, and what an appeal gives back."""
