"""`agora scan` as a user calls it: a process, from Parquet to findings, one and two workers.

A scan pays once for starting and then by the listing. So each is run over a small and a large
catalogue: the slope is what a listing costs, the rest is the start. Beside it two floors in the
same run: Arrow reading the same columns, and our reader without a judge.

What a listing costs hangs on how many must be read closely. So catalogues of other shares of planted
listings follow, and, where AGORA_SHARED_DATA names the folder of real data, real titles.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from agoranomos.engine.scan.layout import inspect
from agoranomos.engine.scan.raw import Tally
from agoranomos.engine.scan.reading import read_unit
from agoranomos.engine.scan.sources import expand
from agoranomos.engine.scan.units import plan
from agoranomos.goods.listings.catalogue import judge_batch
from agoranomos.goods.listings.judge import EPOCH
from benchmarks.corpus import CHARACTERS, PLANTED
from benchmarks.materials import Materials, complete, sieve, whole
from benchmarks.measuring import Memory, Size, Table, agora, cpu_seconds, megabytes, spread
from benchmarks.text_quality import honest

GOAL: Final = 150_000
"""Listings per second and core, end to end."""
_SMALL: Final = 10
"""The small catalogue is so many times smaller."""
_ROUNDS_MAX: Final = 3
_SAMPLE_ROWS: Final = 20_000
_OTHER_SHARES: Final = (0.0, 0.001, 0.05)
"""Of planted listings, beside the usual one."""


class Scanned(msgspec.Struct, frozen=True):
    """One run: wall and CPU seconds (all processes), peak memory in bytes (summed)."""

    wall_s: float
    cpu_s: float
    peak: int
    rows: int
    flagged: int
    findings: int


def run(materials: Materials, size: Size) -> list[Table]:
    """The scan's rates and the floors under them."""
    materials.judge()  # a cached registry is the usual case; start_up has the other
    large, small = (
        materials.catalogue(size.scan_rows),
        materials.catalogue(max(1, size.scan_rows // _SMALL)),
    )
    rounds = min(size.rounds, _ROUNDS_MAX)
    runs: dict[tuple[int, Path], list[Scanned]] = {}
    floors: dict[str, list[float]] = {}
    for _ in range(rounds):
        for workers in (1, 2):
            for path in (small, large):
                runs.setdefault((workers, path), []).append(scan(materials, path, workers))
        for name, call in {
            "Arrow reads the columns": _arrow,
            "our reader, no judge": _ours,
        }.items():
            seconds = cpu_seconds(_with(call, large))
            floors.setdefault(name, []).append(size.scan_rows / seconds)
    rows = []
    for workers in (1, 2):
        many, few = runs[workers, large], runs[workers, small]
        more = many[0].rows - few[0].rows
        slopes = [more / max(1e-9, a.cpu_s - b.cpu_s) for a, b in zip(many, few, strict=True)]
        starts = [max(0.0, b.cpu_s - b.rows / slope) for b, slope in zip(few, slopes, strict=True)]
        rows.append(
            (
                f"agora scan, {workers} worker{'s' * (workers > 1)}",
                spread([one.rows / one.wall_s for one in many]),
                spread([one.rows / one.cpu_s for one in many]),
                spread(slopes),
                f"{statistics.median(slopes) / GOAL:.2f}",
                f"{statistics.median(starts):.1f} s",
                megabytes(max(one.peak for one in many)),
            )
        )
    for name, rates in floors.items():
        rows.append((name, "", "", spread(rates), f"{statistics.median(rates) / GOAL:.2f}", "", ""))
    last = runs[2, large][-1]
    planted = sum(one.startswith("P") for one in pq.read_table(large)["listing_id"].to_pylist())
    columns = (
        "what",
        "listings/s",
        "per CPU-second, start included",
        "per CPU-second, start taken off",
        f"of {GOAL:,}",
        "CPU to start",
        "peak memory",
    )
    notes = (
        f"{last.rows:,} listings, {last.findings:,} findings on {last.flagged:,} listings.",
        f"{planted:,} were planted to be found. {_looked_at(materials, large)}",
        "Memory is summed over processes; the lexicon's mapped pages count once in each.",
    )
    return [
        Table(
            f"End to end at {size.patterns:,} patterns, {rounds} runs each",
            columns,
            tuple(rows),
            notes,
        ),
        _by_text(materials, size, rounds),
    ]


def _looked_at(materials: Materials, path: Path) -> str:
    batch = _sample(path)
    rows = set(sieve(materials.judge(), batch).row.tolist())
    read = materials.judge().assess_batch(batch).rows
    return (
        f"Python looks at {len(rows) / batch.num_rows:.1%} of rows and reads {len(read) / batch.num_rows:.1%} closely."
    )


def _sample(path: Path) -> pa.RecordBatch:
    return complete(whole(pq.read_table(path).slice(0, _SAMPLE_ROWS)))


def _by_text(materials: Materials, size: Size, rounds: int) -> Table:
    """What a listing costs in the judge alone, by what kind of listings they are."""
    rows = min(size.scan_rows, _SAMPLE_ROWS)
    paths = {f"generated, {share:.1%} planted": materials.catalogue(rows, share) for share in (PLANTED, *_OTHER_SHARES)}
    if honest.shared_data() is not None:
        paths |= {f"real titles, {name}": materials.titled(rows, name) for name in honest.SETS}
    judge = materials.judge()
    lines = []
    for name, path in paths.items():
        batch = _sample(path)
        read = len(judge.assess_batch(batch).rows)
        passed = len(set(sieve(judge, batch).row.tolist()))
        alone = [batch.num_rows / cpu_seconds(lambda: sieve(judge, batch)) for _ in range(rounds)]  # noqa: B023
        whole_judge = [
            batch.num_rows / cpu_seconds(lambda: judge_batch(judge, batch, EPOCH))  # noqa: B023
            for _ in range(rounds)
        ]
        flagged = sum(bool(one.findings) for one in judge.assess_batch(batch).assessments)
        lines.append((
            name, spread(whole_judge), spread(alone), *(f"{n / batch.num_rows:.2%}" for n in (passed, read, flagged)),
        ))  # fmt: skip
    return Table(
        f"The judge by kinds of listings, {rows:,} each of about {CHARACTERS} characters",
        ("listings", "listings per CPU-second", "the compiled pass alone", "looked at", "read closely", "flagged"),
        tuple(lines),
        ("Without reading and writing files. Real titles are joined and cut to length; none has a category or brand.",),
    )


def scan(materials: Materials, path: Path, workers: int) -> Scanned:
    """Runs the command once into a folder of its own."""
    out = Path(tempfile.mkdtemp(prefix="agora-benchmark-"))
    command = [
        *agora(),
        "scan",
        str(path),
        "--out",
        str(out),
        "--registry",
        str(materials.registry),
        "--workers",
        str(workers),
        "--json",
    ]
    begun = time.perf_counter()
    try:
        with (out / "stdout").open("wb") as stdout, (out / "stderr").open("wb") as stderr:
            process = subprocess.Popen(
                command,
                env={**os.environ, "AGORA_HOME": str(materials.home)},
                stdout=stdout,
                stderr=stderr,
            )
            memory = Memory(process.pid)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        wall_s = time.perf_counter() - begun
        peak = memory.stop()
        if process.returncode:
            raise RuntimeError(f"agora scan ended with {process.returncode}: {(out / 'stderr').read_text()}")
        summary = json.loads((out / "stdout").read_text())
        cpu_s = used.ru_utime + used.ru_stime
        return Scanned(wall_s, cpu_s, peak, summary["rows"], summary["listings_flagged"], summary["findings"])
    finally:
        shutil.rmtree(out, ignore_errors=True)


def _with(call: Callable[[Path], None], path: Path) -> Callable[[], None]:
    return lambda: call(path)


def _arrow(path: Path) -> None:
    with pq.ParquetFile(path) as file:
        for _ in file.iter_batches(16_384, use_threads=False):
            pass


def _ours(path: Path) -> None:
    source = expand([path])[0]
    for unit in plan([(source, inspect(source))]):
        for _ in read_unit(unit, Tally()):
            pass
