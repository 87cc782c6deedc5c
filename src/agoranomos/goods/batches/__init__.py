"""Batches: from the warehouse to the shelf and the parcel, so that a condemned batch finds all that came of it."""
