"""Statements of reasons for the transparency database."""
