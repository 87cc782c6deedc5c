"""Remedies: what is done about an incident, for each who had the good of it; and the evidence for a referral."""
