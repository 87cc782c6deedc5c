"""The scan's own cost and memory: five million generated listings in Parquet, a trivial judge.

    python -m benchmarks.scan_memory [--rows N] [--workers N] [--folder DIR]

Prints rows per second for the whole scan, rows per CPU-second for reading alone, and the peak of
resident memory summed over all processes (sampled from /proc five times a second). Reading alone is
compared with Arrow's own decoding of the same columns, which no reader can beat.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import tempfile
import threading
import time
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from agoranomos.engine.scan.judging import Judge
from agoranomos.engine.scan.layout import inspect
from agoranomos.engine.scan.progress import watcher
from agoranomos.engine.scan.raw import Tally
from agoranomos.engine.scan.reading import read_unit
from agoranomos.engine.scan.run import scan
from agoranomos.engine.scan.schema import FINDINGS_SCHEMA
from agoranomos.engine.scan.sources import Source, expand
from agoranomos.engine.scan.units import plan

TITLE_CHARACTERS = 230
CHUNK_ROWS = 250_000
WORDS = ["正品", "包邮", "Nike Air", "shoes", "官方", "旗舰店", "leather", "2024", "男鞋", "women"]


class Trivial(msgspec.Struct, frozen=True):
    """Flags about one title in a thousand, without building strings in Python."""

    version: str = "1"

    def open(self) -> Judge:
        def judge(batch: pa.RecordBatch) -> pa.RecordBatch:
            hit = batch.filter(pc.ends_with(batch.column("title"), "777"))
            count, ids = hit.num_rows, hit.column("listing_id").to_pylist()
            rows = [
                {
                    "id": f"f_{ids[row]}",
                    "at": "2026-05-01T00:00:00Z",
                    "code": "goods.word",
                    "subject": {"kind": "listing", "id": ids[row]},
                    "score": 0.9,
                    "reasons": [{"code": "word", "message": "a word", "evidence": "{}"}],
                    "related": [],
                    "ring_id": None,
                    "revision": 1,
                    "event_ids": [],
                    "detector": "word",
                    "version": "1",
                    "status": "live",
                }
                for row in range(count)
            ]
            return pa.RecordBatch.from_pylist(rows, schema=FINDINGS_SCHEMA)

        return judge


def generate(path: Path, rows: int) -> None:
    """Titles of 230 characters, a third of them Chinese; row groups of 250,000."""
    draw = random.Random(20260501)
    stock = [" ".join(draw.choice(WORDS) for _ in range(80))[: TITLE_CHARACTERS - 8] for _ in range(9_973)]
    writer: pq.ParquetWriter | None = None
    for begin in range(0, rows, CHUNK_ROWS):
        numbers = range(begin, min(rows, begin + CHUNK_ROWS))
        table = pa.table(
            {
                "listing_id": [f"L{number:011d}" for number in numbers],
                "store_id": [f"S{number % 50_000:06d}" for number in numbers],
                "title": [f"{stock[number % len(stock)]}{number:08d}" for number in numbers],
                "price_amount": [draw.randrange(10**6) for _ in numbers],
                "currency": ["CNY"] * len(numbers),
                "brand": [WORDS[number % len(WORDS)] for number in numbers],
                "category": ["shoes"] * len(numbers),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


class Memory:
    """Samples the resident memory of this process and its children until stopped."""

    def __init__(self) -> None:
        self.peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            self.peak = max(self.peak, sum(map(_resident, [os.getpid(), *_children()])))

    def stop(self) -> int:
        self._stop.set()
        self._thread.join()
        return self.peak


def _children() -> list[int]:
    threads = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return [int(number) for path in threads for number in path.read_text().split()]


def _resident(number: int) -> int:
    try:
        return int(Path(f"/proc/{number}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except (OSError, IndexError):
        return 0


def reading(source: Source, limit: int) -> tuple[float, float]:
    """Rows per CPU-second of our reader and of Arrow's bare decoding, over the same row groups."""
    units = [unit for unit in plan([(source, inspect(source))]) if unit.base_row < limit]
    rows = sum(unit.row_count for unit in units)
    begun = time.process_time()
    with pq.ParquetFile(source.path, pre_buffer=False, buffer_size=1 << 20) as file:
        for unit in units:
            groups = list(range(unit.start, unit.stop))
            for _ in file.iter_batches(16_384, row_groups=groups, use_threads=False):
                pass
    bare = time.process_time() - begun
    begun = time.process_time()
    for unit in units:
        for _ in read_unit(unit, Tally()):
            pass
    return rows / (time.process_time() - begun), rows / bare


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="keeps the generated file here for another run")
    options = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="agora-scan-"))
    folder = options.folder or scratch
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"listings-{options.rows}.parquet"
    if not path.exists():
        generate(path, options.rows)
    source = expand([path])[0]
    ours, bare = reading(source, min(options.rows, 1_000_000))
    print(f"reading alone   {ours:12,.0f} rows per CPU-second")
    print(f"Arrow, bare     {bare:12,.0f} rows per CPU-second   ratio {ours / bare:.2f}")
    pa.default_memory_pool().release_unused()
    memory = Memory()
    summary = scan(
        [source],
        Trivial(),
        scratch / "out",
        workers=options.workers,
        at="2026-05-01T00:00:00Z",
        progress=watcher(),
    )
    peak = memory.stop()
    print(f"whole scan      {summary.rows_per_s:12,.0f} rows per second, {options.workers} workers")
    print(f"findings        {summary.findings:12,}")
    print(f"peak memory     {peak / 2**20:12,.0f} MB summed over processes")
    shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
