"""How long until the first listing is judged: a fresh process, with and without caches.

Wall time is from before the process is made to its first answer; the steps inside are CPU time,
told by the process itself.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table, spread

GOAL_S: Final = 1.0
_CHILD: Final = """
import json, sys, time
t = [0.0, time.process_time()]
sys.modules["scipy"] = None  # numba looks for a BLAS in it; only peers of the benchmarks bring it
def lap(): t.append(time.process_time())
from pathlib import Path
from agoranomos.goods.brands.registry_file import file_snapshot
from agoranomos.goods.brands.snapshot import load_snapshot
from agoranomos.goods.listings.judge import build_judge
from agoranomos.goods.listings.model import Listing
from agoranomos.kernel.money import Money
lap()
cache = Path(sys.argv[1])
snapshot = file_snapshot(Path(sys.argv[2]), cache) if sys.argv[2] else load_snapshot()
lap()
judge = build_judge(snapshot, cache=cache)
lap()
title = "Nike Air Max 1:1 AAA replica, whatsapp me"
listing = Listing(listing_id="L1", store_id="S1", title=title, price=Money(9900, "CNY"))
found = judge.assess(listing)
lap()
steps = [b - a for a, b in zip(t, t[1:])]
print(json.dumps({"at": time.time(), "steps": steps, "findings": len(found.findings)}))
"""
_STEPS: Final = ("interpreter", "imports", "registry", "judge", "first listing")
"""CPU seconds of each."""


def run(materials: Materials, size: Size) -> list[Table]:
    """Starts, then the heaviest imports."""
    seed_home, tables = materials.folder / "seed-cache", []
    cold = []
    if size.cold:
        cold = [
            ("first ever, nothing cached, shipped seed", *_first(materials, registry=False)),
            ("first with the registry", *_first(materials, registry=True)),
        ]
    warm = {
        "shipped seed, cached": (seed_home, ""),
        f"{size.patterns:,} patterns from a file, cached": (
            materials.cache,
            str(materials.registry),
        ),
    }
    for cache, registry in warm.values():
        _start(cache, registry)
    measured: dict[str, list[tuple[float, list[float]]]] = {name: [] for name in warm}
    for _ in range(size.starts):
        for name, (cache, registry) in warm.items():
            measured[name].append(_start(cache, registry))
    rows = [
        (name, f"{wall:.2f}", f"{wall / GOAL_S:.1f}", *(f"{step:.2f}" for step in steps)) for name, wall, steps in cold
    ]
    for name, runs in measured.items():
        wall = [one for one, _ in runs]
        steps = [statistics.median(step) for step in zip(*(parts for _, parts in runs), strict=True)]
        rows.append(
            (
                name,
                spread(wall, "{:.2f}"),
                f"{statistics.median(wall) / GOAL_S:.1f}",
                *(f"{step:.2f}" for step in steps),
            )
        )
    tables.append(
        Table(
            f"From process start to first judged listing, seconds ({size.starts} runs; cold once)",
            ("start", "seconds", f"x {GOAL_S:.0f} s", *_STEPS),
            tuple(rows),
            ("judge: vocabulary, lexicons (mapped from the cache), the reader's tables.",),
        )
    )
    tables.append(_imports(min(size.starts, 3)))
    return tables


def _start(cache: Path, registry: str, numba: Path | None = None) -> tuple[float, list[float]]:
    """Wall seconds to the first answer, and the steps."""
    environment = {**os.environ, **({"NUMBA_CACHE_DIR": str(numba)} if numba else {})}
    begun = time.time()
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(cache), registry],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    wall = told["at"] - begun
    return wall, told["steps"]


def _first(materials: Materials, *, registry: bool) -> tuple[float, list[float]]:
    """A start with no lexicon cached; without `registry`, nothing compiled by numba either.

    With the registry, what it compiles becomes the cache that the other benchmarks use.
    """
    scratch = Path(tempfile.mkdtemp(prefix="agora-benchmark-"))
    try:
        if registry:
            shutil.rmtree(materials.cache, ignore_errors=True)
            return _start(materials.cache, str(materials.registry))
        return _start(scratch / "cache", "", scratch / "numba")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _imports(rounds: int) -> Table:
    """The heaviest imports, by `-X importtime`: their own time and with all they pull in."""
    seen: dict[str, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        done = subprocess.run(
            [
                sys.executable,
                "-X",
                "importtime",
                "-c",
                "import agoranomos.goods.listings.commands, agoranomos.wiring",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        for own, total, name in re.findall(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)", done.stderr):
            seen.setdefault(name, []).append((int(own) / 1000, int(total) / 1000))
    medians = {name: [statistics.median(part) for part in zip(*times, strict=True)] for name, times in seen.items()}
    packages: dict[str, float] = {}
    for name, (own, _) in medians.items():
        packages[name.partition(".")[0]] = packages.get(name.partition(".")[0], 0.0) + own
    heaviest = sorted(packages, key=lambda package: -packages[package])[:10]
    rows = tuple(
        (package, f"{packages[package]:.0f}", f"{medians.get(package, [0, 0])[1]:.0f}") for package in heaviest
    )
    return Table(
        f"Imports of `agora scan`, ms (together {sum(packages.values()):.0f}; tracing adds some)",
        ("package", "its own modules", "its top module with all it pulls in"),
        rows,
    )
