"""How well edited copies of a picture are found again, and how often two pictures are wrongly called the same."""
