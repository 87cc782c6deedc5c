"""Processes that hold what features have counted, each for a part of the keys, and whoever asks them."""
