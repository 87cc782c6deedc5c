"""The brand registry: what is known of each brand, and names that may be brands."""
