"""The integrity report."""
