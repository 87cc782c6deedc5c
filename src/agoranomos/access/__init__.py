"""Nobody harvests the users: who reads whom, how many different people, with what business, and what leaves."""
