"""What the rooms about conduct share: how they hear, in a replay from memory and live behind the event log."""
