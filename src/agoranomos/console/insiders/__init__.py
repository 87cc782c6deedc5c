"""What was found about the staff; for who audits, and nobody else."""
