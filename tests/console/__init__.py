"""The console, as browsers ask for it."""
