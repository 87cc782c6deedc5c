"""Monitors over the stream of events, on the events' own clock: the same in a replay and live."""
