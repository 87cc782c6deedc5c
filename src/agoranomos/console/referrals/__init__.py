"""Referrals to authorities: packages, who had them in hand, what came of it."""
