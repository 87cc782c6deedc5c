"""Compiles what windowed features need, so that no first rule waits for it: everything that is done with a window."""

from __future__ import annotations

import numpy as np

from agoranomos.engine.features.windows import AGGREGATES, Windows


def warm_up() -> None:
    """Goes the whole way once, with a window of each kind."""
    for aggregate in AGGREGATES:
        windows = Windows(aggregate, 10_000, exact=4)  # none of 2,000 keys is forgotten: the table grows
        windows.put((1, 1), 1, 1)
        windows.put_many(np.ones((2_000, 2), np.int64).cumsum(axis=0), np.arange(2_000), np.ones(2_000, np.int64))
        windows.read((1, 1), 2_000)
        windows.advance(20_000)
        windows.resume(windows.state())
