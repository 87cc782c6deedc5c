"""Compiles ahead of time what one room or another runs as machine code, so that nobody waits for it later.

Each room goes its own way once, in its `warming`; what is compiled is kept on disk. Where there is a second core, it
compiles while the first one reads texts, and both share what is left then.
"""

from __future__ import annotations

import multiprocessing
import pkgutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from time import perf_counter
from typing import Final

import agoranomos
from agoranomos.kernel import migrations

ROOMS: Final = {
    "pictures": "agoranomos.engine.pictures.warming",
    "access": "agoranomos.access.warming",
    "links": "agoranomos.sellers.links.warming",
    "rings": "agoranomos.engine.rings.warming",
    "features": "agoranomos.engine.features.warming",
}
"""What is compiled beside the texts, and the module whose `warm_up` goes the way; those that take longest first."""
_MODULES: Final = "modules"
"""Python's own compilation of what can be imported, which who installs need not do for all of what others bring."""


def warm_up() -> dict[str, float]:
    """Goes the ways of all rooms once, one after the other; the seconds that each took."""
    return {name: _prepare(name) for name in ROOMS}


def import_all() -> None:
    """Imports every module of the package, so that Python keeps them compiled, and with them what they import."""
    steps = f"{migrations.__name__}."  # Alembic alone can import them
    for each in pkgutil.walk_packages(agoranomos.__path__, f"{agoranomos.__name__}."):
        if not each.name.startswith(steps):
            import_module(each.name)


@contextmanager
def warming() -> Iterator[dict[str, float]]:
    """The same, and `import_all`, in a process beside the caller's, who may do other things meanwhile and then takes of
    what is left: what each took is there at the end.

    What goes wrong in a room is raised at the end.
    """
    seconds: dict[str, float] = {}
    # Spawned, not forked: Arrow's and numba's threads do not survive a fork.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as beside:
        parts = {name: beside.submit(_prepare, name) for name in (*ROOMS, _MODULES)}
        yield seconds
        here = {name: _prepare(name) for name, part in reversed(parts.items()) if part.cancel()}
        seconds.update({name: here[name] if name in here else part.result() for name, part in parts.items()})


def _prepare(name: str) -> float:
    begun = perf_counter()
    if name == _MODULES:
        import_all()
    else:
        import_module(ROOMS[name]).warm_up()
    return perf_counter() - begun
