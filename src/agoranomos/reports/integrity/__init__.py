"""The integrity report: how a marketplace did in a year or any other time, each number with its rows."""
