"""A way back: an offender in a programme, with milestones that lift restrictions and relapses that restore them."""
