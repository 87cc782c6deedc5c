"""History told again: files of events merged by time and heard by the monitors, in bounded memory."""
