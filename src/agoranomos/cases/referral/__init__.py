"""What goes to an authority, and what becomes of it: an evidence package, who had it in hands, the outcome."""
