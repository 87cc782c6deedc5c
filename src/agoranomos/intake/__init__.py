"""Events in, by file and HTTP: the event log that every desk reads."""
