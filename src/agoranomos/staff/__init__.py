"""People and programs: who they are, what they may do, and the second pair of eyes."""
