"""The goods desk as one: its rooms hear the stream together, and what they know of a listing becomes one score."""
