"""The same scan by this machine and by a Spark cluster of it, in turns: what the cluster costs beside the work.

    python -m benchmarks.cluster [LISTINGS]

Needs the extra `agoranomos[spark]` and Java 17. The cluster is a master and two workers of one core each; with one
worker the other is not there. CPU is that of all processes: of the command with its own Java, and of the cluster's.
What the cluster's processes need once (Python, the registry) is in every run, as the command is called anew each time.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from agoranomos.goods.brands.seed import seed_brands
from benchmarks.corpus import listings
from benchmarks.measuring import Table, agora
from tests.engine.spark.standalone import Standalone, standalone

LISTINGS: Final = 400_000
_DIFFERENT: Final = 100_000
"""Listings that are written; beyond, they come again under other ids."""
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_CONF: Final = ("spark.executor.memory=512m", "spark.driver.memory=512m", "spark.driver.host=127.0.0.1",
                "spark.driver.bindAddress=127.0.0.1")  # fmt: skip


class Run(msgspec.Struct, frozen=True):
    """One run: seconds by the clock and of the processors, the load before it, and a hash of the findings."""

    name: str
    wall_s: float
    cpu_s: float
    load: float
    findings: str


def write(path: Path, count: int) -> None:
    """A catalogue in one Parquet file, the same each time."""
    made = pa.Table.from_batches(list(listings(min(count, _DIFFERENT), list(seed_brands()))))
    place = made.schema.get_field_index("listing_id")
    with pq.ParquetWriter(path, made.schema) as writer:
        for number in range(0, count, made.num_rows):
            ids = [f"{each}-{number}" for each in made["listing_id"].to_pylist()]
            part = made.set_column(place, made.schema.field(place), pa.array(ids, made.schema.field(place).type))
            writer.write_table(part.slice(0, min(made.num_rows, count - number)), row_group_size=25_000)


def scanned(name: str, catalogue: Path, out: Path, words: list[str], cluster: Standalone | None) -> Run:
    """Calls `agora scan` and measures it; `cluster` is looked at as well."""
    load = os.getloadavg()[0]
    begun, cpu = time.perf_counter(), _children() + (_of(cluster) if cluster else 0.0)
    subprocess.run([*agora(), "scan", str(catalogue), "--out", str(out), *words], check=True, capture_output=True)
    wall = time.perf_counter() - begun
    cpu = _children() + (_of(cluster) if cluster else 0.0) - cpu
    found = blake2b((out / "findings.parquet").read_bytes(), digest_size=8).hexdigest()
    print(f"{name}: {wall:.1f} s, {cpu:.1f} CPU-s", file=sys.stderr, flush=True)
    return Run(name, wall, cpu, load, found)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _of(cluster: Standalone) -> float:
    """CPU seconds of the master, the workers and all that they started, also of what has ended."""
    total = 0
    for pid in cluster.processes():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(fields[place]) for place in (11, 12, 13, 14))
    return total / _TICKS


def main() -> None:
    """Runs and prints."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LISTINGS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        catalogue = folder / "catalogue.parquet"
        write(catalogue, count)
        few = folder / "few.parquet"
        write(few, 1_000)
        conf = [word for each in _CONF for word in ("--spark-conf", each)]
        scanned("warm", few, folder / "warm", [], None)  # compiles what is not compiled yet
        runs: list[Run] = []
        for path, size, several in ((catalogue, f"{count:,}", (2, 1)), (few, "1,000", (2,))):
            for workers in several:
                words = ["--workers", str(workers)]
                runs.append(scanned(f"local, {workers}: {size}", path, folder / f"l{workers}{size}", words, None))
                with standalone(folder / f"cluster-{workers}-{size}", workers) as cluster:
                    words = ["--engine", "spark", "--master", cluster.url, *conf]
                    runs.append(
                        scanned(f"Spark, {workers}: {size}", path, folder / f"s{workers}{size}", words, cluster)
                    )
    rows = [(each.name, f"{each.wall_s:.1f}", f"{each.cpu_s:.1f}", f"{each.load:.1f}", each.findings) for each in runs]
    columns = ("engine, workers: listings", "seconds", "CPU-seconds", "load before", "hash of findings")
    print(Table(f"{count:,} listings on {os.cpu_count()} cores", columns, tuple(rows)).text())
    for size in ("1,000", f"{count:,}"):
        assert len({each.findings for each in runs if each.name.endswith(f": {size}")}) == 1, "not the same findings"


if __name__ == "__main__":
    main()
