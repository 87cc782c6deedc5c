"""Personal data in free text: where it stands, and the text without it."""
