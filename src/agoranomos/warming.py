"""Compiles ahead of time what one room or another runs as machine code, so that nobody waits for it later.

Each room goes its own way once, in its `warming`; what is compiled is kept on disk. Where there is a second core, it
compiles while the first one reads texts.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from time import perf_counter
from typing import Final

ROOMS: Final = {
    "pictures": "agoranomos.engine.pictures.warming",
    "links": "agoranomos.sellers.links.warming",
    "rings": "agoranomos.engine.rings.warming",
    "access": "agoranomos.access.warming",
    "features": "agoranomos.engine.features.warming",
}
"""What is compiled beside the texts, and the module whose `warm_up` goes the way."""


def warm_up() -> dict[str, float]:
    """Goes the ways of all rooms once, one after the other; the seconds that each took."""
    seconds = {}
    for name, module in ROOMS.items():
        begun = perf_counter()
        import_module(module).warm_up()
        seconds[name] = perf_counter() - begun
    return seconds


@contextmanager
def warming() -> Iterator[dict[str, float]]:
    """The same in a process beside the caller's, who may do other things meanwhile: what it took is there at the end.

    What goes wrong in a room is raised at the end.
    """
    seconds: dict[str, float] = {}
    # Spawned, not forked: Arrow's and numba's threads do not survive a fork.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as beside:
        others = beside.submit(warm_up)
        yield seconds
        seconds.update(others.result())
