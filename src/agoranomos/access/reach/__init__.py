"""How far readers reach: whom they read, how many different people, and who else reads the same. Numbers only.

`days` says which day it is, `windows` makes the features of all readers over 1, 7 and 30 days at once.
"""
