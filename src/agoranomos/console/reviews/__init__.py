"""Reviews: stores that press their critics, rings of praise and extortion, what is held back, the two scores."""
