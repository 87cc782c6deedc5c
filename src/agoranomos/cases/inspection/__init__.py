"""Shared with authorities that inspect goods: which factory and supplier stand behind what, and what they found."""
