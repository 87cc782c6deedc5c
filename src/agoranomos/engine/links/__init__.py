"""Which sellers are one and the same: facts that two share, what each weighs, and groups that one mistake cannot
glue.
"""
