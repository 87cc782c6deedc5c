"""Who comes back under another name, and whose stores belong together: facts that sellers share, weighed."""
