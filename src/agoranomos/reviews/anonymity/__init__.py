"""Anonymous reviews: how well a merchant could guess their authors, and when they may be shown in which form."""
