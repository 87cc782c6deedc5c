"""How long data is kept: a schedule by kind, holds that keep it longer, runs that end it, and what a person leaves."""
