"""How many examples hypothesis draws: all of them in `make test`, fewer in `make quick`."""

from __future__ import annotations

import hypothesis

QUICK_EXAMPLES_MAX = 10


def examples(wanted: int) -> int:
    """`wanted`, or fewer where the profile in use is the quick one."""
    quick = hypothesis.settings.default.max_examples <= QUICK_EXAMPLES_MAX
    return min(wanted, QUICK_EXAMPLES_MAX) if quick else wanted
