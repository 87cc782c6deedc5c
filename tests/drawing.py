"""How many examples hypothesis draws: all of them in `make test`, fewer in `make quick`."""

from __future__ import annotations

import hypothesis

QUICK_EXAMPLES_MAX = 10


def examples(wanted: int) -> int:
    """`wanted`, or fewer where the profile in use is the quick one."""
    in_use = hypothesis.settings()
    return min(wanted, QUICK_EXAMPLES_MAX) if in_use.max_examples <= QUICK_EXAMPLES_MAX else wanted
