"""What was sold where: listings, their stores, orders. Rooms that decide about listings look it up here."""
