"""Test buys: what is bought anonymously, by whom, what an appraiser says, and what follows for the rest of the shelf."""
