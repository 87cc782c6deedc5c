"""The desks over a history: who hears it, and the command that replays it."""
