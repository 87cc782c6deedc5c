"""Campaigns: what was declared, in which version, and until when it gives."""
