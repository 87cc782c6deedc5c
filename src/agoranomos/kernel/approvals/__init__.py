"""Four eyes: what cannot be undone waits until a second person has agreed."""
