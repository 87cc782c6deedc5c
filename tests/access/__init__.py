"""Tests of the access desk."""
