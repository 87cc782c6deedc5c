"""Copies of the embedded store, made while it is in use and proven by the audit log before they count."""
