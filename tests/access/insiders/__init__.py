"""Tests of insiders."""
