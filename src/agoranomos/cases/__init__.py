"""Cases: where findings gather and people decide, and what goes to authorities."""
