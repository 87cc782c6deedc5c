"""The honest score: what a store would have if nobody had bought, extorted or pressed for a review."""
