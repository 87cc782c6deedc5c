"""One idea per file; knows no desk, no web, no numeric library."""
