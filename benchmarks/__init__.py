"""What the system costs and finds, with peers measured in the same run: `python -m benchmarks`."""
