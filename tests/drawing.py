"""How much is tried: all of it in `make test`, less in `make quick`."""

from __future__ import annotations

from collections.abc import Sequence

import hypothesis
import pytest

QUICK_EXAMPLES_MAX = 10


def examples(wanted: int) -> int:
    """`wanted`, or fewer where the profile in use is the quick one."""
    in_use = hypothesis.settings()
    return min(wanted, QUICK_EXAMPLES_MAX) if in_use.max_examples <= QUICK_EXAMPLES_MAX else wanted


def few_cases(items: Sequence[pytest.Item], most: int) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """`items` with at most `most` cases of each parametrised test, evenly spread with the first and the last among
    them; and the others.
    """
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    kept: set[pytest.Item] = set()
    for each in cases.values():
        steps = min(most, len(each))
        kept.update(each[round(step * (len(each) - 1) / max(1, steps - 1))] for step in range(steps))
    return [item for item in items if item in kept], [item for item in items if item not in kept]
