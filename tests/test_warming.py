"""What is compiled ahead of time: every kernel that Python calls, so that no first run waits for one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agoranomos import warming

ALL_KERNELS = """
import json, pkgutil, sys
from importlib import import_module
from numba.core.dispatcher import Dispatcher
from agoranomos import warming
warming.warm_up()
kernels = {
    f"{module.__name__}.{name}": kernel
    for module in list(sys.modules.values()) if module.__name__.startswith("agoranomos.")
    for name, kernel in vars(module).items()
    if isinstance(kernel, Dispatcher) and kernel.py_func.__module__ == module.__name__
}
inner = {name for kernel in kernels.values() for name in kernel.py_func.__code__.co_names}
print(json.dumps({name: len(kernel.signatures) for name, kernel in kernels.items() if kernel.__name__ not in inner}))
"""
"""Those that only other kernels call are compiled with them."""


@pytest.mark.slow
def test_no_kernel_is_left_for_the_first_run() -> None:
    done = subprocess.run([sys.executable, "-c", ALL_KERNELS], capture_output=True, text=True, check=True)
    compiled: dict[str, int] = json.loads(done.stdout)
    beside_texts = {name: count for name, count in compiled.items() if ".engine.text." not in name}
    assert len(beside_texts) > 30
    assert not [name for name, count in beside_texts.items() if count == 0]


def test_every_room_with_kernels_is_gone_through() -> None:
    """A room that compiles something has a module that goes its way, or one above it has."""
    source = Path(warming.__file__).parent
    rooms = {path.parent for path in source.rglob("*.py") if "@nb.njit" in path.read_text(encoding="utf-8")}
    files = [Path(source.parent, *name.split(".")).with_suffix(".py") for name in warming.ROOMS.values()]
    going = "".join(path.read_text(encoding="utf-8") for path in files)
    for room in sorted(rooms - {source / "engine" / "text"}):
        assert ".".join(room.relative_to(source.parent).parts) in going, (
            f"{room.name}: nobody compiles it ahead of time"
        )
