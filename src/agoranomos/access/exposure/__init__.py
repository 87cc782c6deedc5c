"""Whom a reader has been shown: how many different people, with what business, and whether it may go on.

People are counted once however often they are read, so that a count can only be raised by reading somebody new; telling
the same read twice, by a check and by the event after it, changes nothing.
"""
