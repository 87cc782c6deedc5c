"""`python -m benchmarks`: all of them, or one by `--only`; sizes and output by options."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.materials import Materials
from benchmarks.measuring import LONG, SHORT, TINY, Size, Table, machine

ORDER: Final = (
    "start_up", "matching", "parquet_to_findings", "where_time_goes", "publish_check", "scan_end_to_end",
    "complaints", "fusion", "audit", "ingest", "ledger", "claims", "market", "replaying", "seats", "features",
    "checks_over_http", "webhooks", "rules", "backtesting", "pictures", "testbuys", "applications", "links",
    "rings", "access", "vault", "pressure", "lint", "reviews",
)  # fmt: skip
"""The first compiles the lexicons that the others open."""


def measure(name: str, materials: Materials, size: Size) -> list[Table]:
    """The tables of one benchmark."""
    tables: list[Table] = import_module(f"benchmarks.{name}").run(materials, size)
    return tables


def main(argv: list[str] | None = None) -> int:
    """Runs and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What it costs and finds, with peers.")
    parser.add_argument("--only", choices=ORDER, action="append", help="one benchmark; may be given again")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of tables")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--long", action="store_true", help="large sizes; takes an hour or more")
    sizes.add_argument("--tiny", action="store_true", help="so small that it only shows that everything runs")
    parser.add_argument("--copied", type=float, help="share of invented brands marked much copied")
    parser.add_argument("--folder", type=Path, help="keeps catalogue, registry and lexicons here for another run")
    options = parser.parse_args(argv)
    size = LONG if options.long else TINY if options.tiny else SHORT
    size = msgspec.structs.replace(size, copied=options.copied)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="agora-benchmarks-"))
    answer: dict[str, object] = {"machine": machine(), "size": size, "benchmarks": {}}
    kept: dict[str, object] = {}
    if not options.json:
        print(f"{answer['machine']}\n", flush=True)
    try:
        materials = Materials(folder, size)
        for name in options.only or ORDER:
            begun = time.perf_counter()
            print(f"{name} …", file=sys.stderr, flush=True)
            kept[name] = tables = measure(name, materials, size)
            seconds = time.perf_counter() - begun
            if not options.json:
                print("\n".join(table.text() for table in tables), flush=True)
            print(f"{name}: {seconds:.0f} s", file=sys.stderr, flush=True)
    finally:
        if options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        answer["benchmarks"] = kept
        print(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
