"""One unit in, batches for the judge out, with the rows that were refused on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from agoranomos.engine.scan import from_csv, from_jsonl, from_parquet
from agoranomos.engine.scan.cleaning import clean
from agoranomos.engine.scan.raw import Numbers, Raw, Tally, rejected_only
from agoranomos.engine.scan.rejects import Rejects
from agoranomos.engine.scan.schema import LISTING_SCHEMA
from agoranomos.engine.scan.units import Unit
from agoranomos.kernel.ids import is_id

_READERS = {"parquet": from_parquet.read, "csv": from_csv.read, "jsonl": from_jsonl.read}


class Slab(NamedTuple):
    """Rows that passed, as LISTING_SCHEMA; `rows` and `lines` count within the unit, from 0."""

    batch: pa.RecordBatch
    rows: Numbers
    lines: Numbers | None
    rejects: Rejects
    repaired: int


def read_unit(unit: Unit, tally: Tally) -> Iterator[Slab]:
    """The unit's rows in order; `tally` counts rows and lines as they are passed.

    Memory: one block or batch at a time (about 16,384 rows or 8 MB, a few times over while it is
    checked).
    """
    for raw in _READERS[unit.source.format](unit, tally):
        yield _slab(raw)
    if tally.notes and unit.source.format != "parquet":
        broken = rejected_only()
        broken.rejects.add(tally.rows, tally.lines, "unreadable")
        tally.rows += 1
        yield _slab(broken)


def _slab(raw: Raw) -> Slab:
    if not len(raw.rows):
        nothing = pa.RecordBatch.from_pylist([], schema=LISTING_SCHEMA)
        return Slab(nothing, raw.rows, raw.lines, raw.rejects, 0)
    cleaned = clean(raw.columns, len(raw.rows), repaired=raw.repaired)
    batch, rows, lines, repaired = cleaned.batch, raw.rows, raw.lines, cleaned.repaired
    if cleaned.faults:
        kept = np.ones(len(rows), np.bool_)
        for index, (column, reason) in cleaned.faults.items():
            kept[index] = False
            listing_id = batch.column(0)[index].as_py()
            raw.rejects.add(
                int(rows[index]),
                None if lines is None else int(lines[index]),
                reason,
                column,
                listing_id if is_id(listing_id) else None,
            )
        batch, rows = batch.filter(pa.array(kept)), rows[kept]
        lines = None if lines is None else lines[kept]
        repaired = None if repaired is None else repaired[kept]
    return Slab(batch, rows, lines, raw.rejects, 0 if repaired is None else int(repaired.sum()))
