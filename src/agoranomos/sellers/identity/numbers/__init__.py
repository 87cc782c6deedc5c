"""Numbers that a person or firm is known by: what can be read from them, and whether they can be true."""
