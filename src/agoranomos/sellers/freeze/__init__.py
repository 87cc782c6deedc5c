"""Frozen money: what buyers paid for doubtful goods is seen by the seller and cannot be withdrawn."""
