"""Insiders: staff who look at, favour or carry off what they should not, found from their own trace."""
