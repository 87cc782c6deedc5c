"""Statements of reasons as the EU's transparency database takes them (DSA Art. 24(5))."""
