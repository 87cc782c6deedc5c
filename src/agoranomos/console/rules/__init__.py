"""Rules: what is live, what runs in shadow beside it, and an editor that says at once what is wrong."""
