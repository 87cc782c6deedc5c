"""What the parties of a case are told."""
