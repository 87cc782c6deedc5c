"""Bought praise: accounts that praise the same stores together, tied in two independent ways."""
