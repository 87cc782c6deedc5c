"""Timing on a shared and noisy machine: medians of interleaved runs, ratios, peaks of memory.

Contenders live in processes of their own, so that the memory of each can be told; the parent lets
them run in turns, so that what else the machine does falls on all of them alike.
"""

from __future__ import annotations

import gc
import importlib.metadata
import os
import platform
import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

TURN_SECONDS: Final = 1.0
"""How long a contender's turn should take, once its speed is known."""
BUILD_SECONDS_MAX: Final = 300.0
"""How long a contender may take to be made ready (wall time); who takes longer is reported and left out."""


class Table(msgspec.Struct, frozen=True):
    """Figures to print: `rows` are as long as `columns`; `notes` say what they mean."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """The table for a terminal: the first column to the left, figures to the right."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        shown = [
            "  ".join(
                cell.ljust(width) if i == 0 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        shown.insert(1, "-" * max(map(len, shown)))
        return "\n".join([self.title, "", *shown, *(f"  {note}" for note in self.notes), ""])


class Size(msgspec.Struct, frozen=True):
    """How much is measured. `rounds` is the number of timed runs of each contender."""

    patterns: int = 100_000
    texts: int = 60_000
    scan_rows: int = 150_000
    rounds: int = 5
    starts: int = 7
    checks: int = 2_000
    requests: int = 1_000
    examples: int = 200
    entries: int = 50_000
    events: int = 50_000
    kills: int = 10
    transfers: int = 20_000
    market_buyers: int = 2_500
    pictures: int = 300
    known_pictures: int = 1_000_000
    listings: int = 6_000
    """Of a made catalogue with truth."""
    history: int = 10_000_000
    """Events of a backtest."""
    feature_keys: int = 1_000_000
    backtest_events: int = 1_000_000
    draws: int = 400
    """Of test buys, from each shelf."""
    cold: bool = True
    """Whether to measure starts with nothing cached, which take minutes."""
    copied: float | None = None
    """Share of the invented brands marked as much copied; None: not said, the usual import."""


SHORT: Final = Size()
LONG: Final = Size(
    draws=2_000,
    texts=400_000,
    listings=60_000,
    scan_rows=4_000_000,
    rounds=15,
    starts=15,
    checks=20_000,
    requests=10_000,
    entries=1_000_000,
    events=500_000,
    kills=40,
    market_buyers=50_000,
    pictures=3_000,
    backtest_events=10_000_000,
)
TINY: Final = Size(
    draws=4,
    patterns=20_200,
    texts=300,
    listings=120,
    scan_rows=600,
    rounds=1,
    starts=1,
    checks=20,
    requests=10,
    examples=3,
    entries=300,
    events=400,
    kills=1,
    transfers=200,
    market_buyers=100,
    pictures=12,
    known_pictures=500,
    history=1,
    feature_keys=2_000,
    backtest_events=2_000,
    cold=False,
)


def machine() -> str:
    """One line about processor, system and the versions that matter."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "numba", "pyarrow")]
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    python = f"Python {platform.python_version()}"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return ", ".join([model, f"{cores} cores", load, platform.platform(terse=True), python, *versions])


def spread(values: Sequence[float], form: str = "{:,.0f}") -> str:
    """Median (least to most) of `values`."""
    low, mid, high = min(values), statistics.median(values), max(values)
    return f"{form.format(mid)} ({form.format(low)}–{form.format(high)})"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of `values` do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def cpu_seconds(call: Callable[[], object]) -> float:
    """CPU time of this process while `call` runs, in seconds."""
    begun = time.process_time()
    call()
    return time.process_time() - begun


def megabytes(size: float) -> str:
    """Bytes as MB (2**20)."""
    return f"{size / 2**20:,.0f} MB"


def peak_bytes() -> int:
    """The largest resident memory of this process so far."""
    from agoranomos.engine.scan.memory import peak_bytes as peak

    return peak()


class Contender(Protocol):
    """Something that looks for patterns in texts; made once in a process of its own."""

    def prepare(self, begin: int, end: int) -> Callable[[], int]:
        """A call, which alone is timed: works on texts `begin` to `end`; returns hits."""
        ...

    def found(self, texts: Sequence[tuple[str, str]]) -> list[bool]:
        """For each (text, name) whether the name is found in the text, by any of its mentions."""
        ...

    def any_hit(self, texts: Sequence[str]) -> list[bool]:
        """For each text whether anything is found."""
        ...


class Turn(msgspec.Struct, frozen=True):
    """One timed run: texts, what was found in them, CPU seconds and wall seconds."""

    texts: int
    hits: int
    cpu_s: float
    wall_s: float

    @property
    def rate(self) -> float:
        """Texts per CPU-second."""
        return self.texts / max(self.cpu_s, 1e-9)


class Corner:
    """A contender in its process. `maker` is "module:callable", called with `arguments`."""

    def __init__(self, maker: str, arguments: dict[str, Any]) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, maker, arguments), daemon=True)
        self._process.start()
        theirs.close()
        if not self._pipe.poll(BUILD_SECONDS_MAX):
            self._process.terminate()
            self._process.join()
            raise TimeoutError(f"not ready after {BUILD_SECONDS_MAX:.0f} s")
        self.build_s, self.base_bytes = self._answer()

    def _answer(self) -> Any:
        kind, value = self._pipe.recv()
        if kind == "error":
            raise RuntimeError(value)
        return value

    def ask(self, method: str, *arguments: object) -> Any:
        """The result of a method of the contender."""
        self._pipe.send((method, arguments))
        return self._answer()

    def turn(self, begin: int, end: int) -> Turn:
        """A timed run over the texts `begin` to `end`."""
        hits, cpu_s, wall_s = self.ask("turn", begin, end)
        return Turn(end - begin, hits, cpu_s, wall_s)

    def close(self) -> int:
        """Ends the process; its peak memory over what Python and the texts took before building."""
        peak: int = self.ask("peak") - self.base_bytes
        self._pipe.close()
        self._process.join()
        return peak


def _serve(pipe: Connection, maker: str, arguments: dict[str, Any]) -> None:
    module, _, name = maker.partition(":")
    try:
        make = getattr(import_module(module), name)
        base = peak_bytes()
        begun = time.process_time()
        contender: Contender = make(**arguments)
        pipe.send(("ok", (time.process_time() - begun, base)))
        while True:
            method, given = pipe.recv()
            if method == "peak":
                pipe.send(("ok", peak_bytes()))
            elif method == "turn":
                pipe.send(("ok", _timed(contender.prepare(*given))))
            else:
                pipe.send(("ok", getattr(contender, method)(*given)))
    except EOFError:
        return
    except Exception as error:
        pipe.send(("error", f"{maker}: {type(error).__name__}: {error}"))


def _timed(call: Callable[[], int]) -> tuple[int, float, float]:
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    hits = call()
    return hits, time.process_time() - cpu, time.perf_counter() - wall


def interleaved(corners: dict[str, Corner], texts: int, rounds: int) -> dict[str, list[Turn]]:
    """`rounds` turns of every corner, one by one, over about TURN_SECONDS of texts each."""
    sizes: dict[str, int] = {}
    for name, corner in corners.items():
        trial = min(texts, 200)
        corner.turn(0, trial)  # the first also compiles and warms
        rate = corner.turn(0, trial).rate
        sizes[name] = max(min(texts, trial), min(texts, int(rate * TURN_SECONDS)))
    turns: dict[str, list[Turn]] = {name: [] for name in corners}
    for number in range(rounds):
        for name, corner in corners.items():
            begin = (number * sizes[name]) % max(1, texts - sizes[name] + 1)
            turns[name].append(corner.turn(begin, begin + sizes[name]))
    return turns


class Memory:
    """Samples the resident memory of a process and all below it, summed, until stopped."""

    def __init__(self, process_id: int) -> None:
        self.peak = 0
        self._root = process_id
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            self.peak = max(self.peak, sum(_resident(number) for number in _tree(self._root)))

    def stop(self) -> int:
        """The peak in bytes. Pages that processes share (mapped files) count once in each."""
        self._stop.set()
        self._thread.join()
        return self.peak


def _tree(root: int) -> list[int]:
    found = [root]
    for number in found:
        for path in Path(f"/proc/{number}/task").glob("*/children"):
            try:
                found += [int(child) for child in path.read_text().split()]
            except OSError:
                continue
    return found


def _resident(number: int) -> int:
    try:
        return int(Path(f"/proc/{number}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except (OSError, IndexError):
        return 0


def agora() -> list[str]:
    """The command `agora` of this environment."""
    script = Path(sys.executable).parent / "agora"
    return [str(script)] if script.exists() else [sys.executable, "-m", "agoranomos.main"]
