"""The detectors of applications: one to a file."""
