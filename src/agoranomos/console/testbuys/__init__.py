"""Test buys: plans with their strata and what they say of the shelf, and each purchase on its way."""
