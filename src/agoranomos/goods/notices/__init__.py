"""Notices of rights holders: is the form complete, who has to answer until when, who was right, how often before."""
