"""The guard of running campaigns: each claim and use is held against budgets, caps and what was declared."""
