"""Detectors of what a listing's pictures show, one in each file, named like its code."""
