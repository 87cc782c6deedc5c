"""Listings and files of them, and a scan in this process."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from agoranomos.engine.scan.layout import inspect
from agoranomos.engine.scan.raw import Tally
from agoranomos.engine.scan.reading import read_unit
from agoranomos.engine.scan.sources import expand
from agoranomos.engine.scan.units import plan

Listing = dict[str, Any]
Reject = tuple[int, int | None, str | None, str, str | None]


def make_listing(number: int = 1, **changes: Any) -> Listing:
    """A good listing."""
    listing = {
        "listing_id": f"L{number:06d}",
        "store_id": f"S{number % 7}",
        "title": f"运动鞋 shoes, number {number}" + (" replica" if number % 5 == 0 else ""),
        "price_amount": 1000 + number,
        "currency": "CNY",
        "brand": "Nike",
        "picture_paths": [f"p/{number}.jpg"],
    }
    return listing | changes


def make_listings(count: int) -> list[Listing]:
    """Listings 1 to `count`."""
    return [make_listing(number) for number in range(1, count + 1)]


def csv_bytes(listings: list[Listing], delimiter: str = ",") -> bytes:
    """CSV with a header."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(listings[0])
    for listing in listings:
        writer.writerow("|".join(value) if isinstance(value, list) else value for value in listing.values())
    return text.getvalue().encode()


def jsonl_bytes(listings: list[Listing]) -> bytes:
    """One object per line."""
    return b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in listings)


def write(path: Path, listings: list[Listing], **options: Any) -> Path:
    """The file that the name of `path` asks for."""
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(listings), path, **options)
        return path
    inner = path.with_suffix("") if path.suffix in {".gz", ".zst"} else path
    delimiter = "\t" if inner.suffix == ".tsv" else ","
    data = jsonl_bytes(listings) if inner.suffix == ".jsonl" else csv_bytes(listings, delimiter)
    if path.suffix == ".gz":
        data = gzip.compress(data)
    elif path.suffix == ".zst":
        data = zstandard.compress(data)
    path.write_bytes(data)
    return path


def read(path: Path) -> tuple[list[Listing], list[Reject], int]:
    """Listings, rejects (row and line within the unit, from 0) and repairs of a small file."""
    listings: list[Listing] = []
    rejects: list[Reject] = []
    repaired = 0
    inspected = [(source, inspect(source)) for source in expand([path])]
    for unit in plan(inspected):
        for slab in read_unit(unit, Tally()):
            listings += slab.batch.to_pylist()
            repaired += slab.repaired
            rejects += [
                (row["row"], row["line"], row["column"], row["reason"], row["listing_id"])
                for row in slab.rejects.batch().to_pylist()
            ]
    return listings, rejects, repaired


def notes(path: Path) -> tuple[str, ...]:
    """What the layout notes of a file."""
    return inspect(expand([path])[0]).notes
