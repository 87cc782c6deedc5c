"""Machinery that desks share: the detector contract, text matching, the bulk scan."""
