"""The first page: how the market stands, each number with a way to the rows behind it."""
