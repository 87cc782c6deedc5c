"""Tracing: every coupon from its issue to who had the good of it, and rings told from people of good faith."""
