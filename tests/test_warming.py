"""What is compiled ahead of time: every kernel that Python calls, so that no first run waits for one."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import Future
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


def test_all_modules_are_imported_but_the_steps_of_the_store() -> None:
    """In a process of its own, as the suite has imported nearly all of them."""
    code = "import sys; from agoranomos.warming import import_all; import_all(); print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = set(done.stdout.split())
    source = Path(warming.__file__).parent
    files = [path.relative_to(source.parent).with_suffix("") for path in source.rglob("*.py")]
    modules = {".".join(path.parts).removesuffix(".__init__") for path in files}
    assert {name for name in modules - names if not name.startswith("agoranomos.kernel.migrations.")} == set()


def test_who_is_done_takes_of_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process beside is held up by its first parts; all others are gone through here."""
    done: list[str] = []
    names = ["first", "second", "third", "fourth"]
    monkeypatch.setattr(warming, "ROOMS", dict.fromkeys(names, ""))

    def prepare(name: str) -> float:
        done.append(name)
        return 1.0

    monkeypatch.setattr(warming, "_prepare", prepare)
    held = [Future[float]() for _ in (*names, "modules")]
    monkeypatch.setattr(warming, "ProcessPoolExecutor", lambda *_: Held(held))
    with warming.warming() as seconds:
        for each in held[:2]:
            each.set_running_or_notify_cancel()
            each.set_result(7.0)
    assert done == ["modules", "fourth", "third"]
    assert seconds == {"first": 7.0, "second": 7.0, "third": 1.0, "fourth": 1.0, "modules": 1.0}


class Held:
    """A pool whose answers are given by the test."""

    def __init__(self, answers: list[Future[float]]) -> None:
        self._answers = iter(answers)

    def submit(self, *_: object) -> Future[float]:
        return next(self._answers)

    def __enter__(self) -> Held:
        return self

    def __exit__(self, *_: object) -> None:
        return None
