"""Test buys: what is bought anonymously, by whom, what appraisers say, and what follows for the rest of the shelf."""
