"""Virtual numbers: buyer, courier and store reach each other while an order lives, and nobody is reached after it."""
