"""What waits for a second person, and saying yes or no to it."""
