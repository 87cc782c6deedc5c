"""A market is never in memory as a whole."""

from __future__ import annotations

import tracemalloc

import pytest

from agoranomos.engine.market.generate import generate
from tests.engine.market.builders import make_settings


def peak_bytes(days: int) -> int:
    """The most that Python objects took while a small market was told and thrown away."""
    tracemalloc.start()
    try:
        for _ in generate(make_settings(days, sellers=15, buyers=300)):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_ten_times_the_days_take_less_than_twice_the_memory() -> None:
    # Not the same: at ten days hardly any review has been written or listing replaced; from a hundred on it is level.
    peak_bytes(2)  # what Python keeps once and for all
    short, long = peak_bytes(10), peak_bytes(100)
    assert long < 2.0 * short, f"{short / 2**20:.1f} MB at ten days, {long / 2**20:.1f} MB at a hundred"
