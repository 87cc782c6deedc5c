"""One detector per file; see `engine.detectors` for the contract and docs/detectors for a page on each."""
