"""The reviews desk: reviews that are honest, and safe to write."""
