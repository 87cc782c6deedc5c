"""The audit log: every action leaves a trace that nobody can change unseen (docs/decisions/0008)."""
