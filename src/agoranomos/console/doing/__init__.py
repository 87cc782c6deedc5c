"""Actions as pages: what was done, by whom, why, and how it is taken back."""
