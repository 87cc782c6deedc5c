"""Personal data out of everybody's way: tokens stand in for it, and who may read it back is written down."""
