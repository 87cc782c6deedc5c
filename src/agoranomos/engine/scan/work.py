"""Reads one unit, has it judged and writes its parts; runs in a worker process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agoranomos.engine.scan.judging import Judge, checked
from agoranomos.engine.scan.parts import SCHEMAS, Kind, PartWriter
from agoranomos.engine.scan.raw import Tally
from agoranomos.engine.scan.reading import Slab, read_unit
from agoranomos.engine.scan.uniques import Hashes, hashes_of, repeats_within
from agoranomos.engine.scan.units import Unit

_REPORT_SECONDS = 0.5


class Done(msgspec.Struct, frozen=True):
    """What is known of a finished unit; one line of the journal."""

    index: int
    key: str
    rows: int
    lines: int
    rejected: int
    repaired: int
    findings: int
    parts: list[str]
    notes: list[str] = []

    @property
    def source(self) -> int:
        """The number of its file among those of the run."""
        return int(self.key.partition(":")[0])

    @property
    def span(self) -> str:
        """Which part of that file it was."""
        return self.key.partition(":")[2]


class JudgeError(Exception):
    """The judge raised an exception."""


def work(unit: Unit, judge: Judge, folder: Path, report: Callable[[int], None]) -> Done:
    """Judges `unit`; `report` is told about twice a second how many more rows were read."""
    tally = Tally()
    rejected = repaired = found = told = 0
    last = monotonic()
    with PartWriter(folder, unit.index) as parts:
        for slab in read_unit(unit, tally):
            batch, rows, lines, hashes = _distinct(slab)
            if batch.num_rows:
                findings = _judged(judge, batch, rows)
                parts.write("findings", findings)
                parts.write("ids", _ids(batch, rows, lines, hashes))
                found += findings.num_rows
            parts.write("rejects", slab.rejects.batch())
            rejected += len(slab.rejects)
            repaired += slab.repaired
            if monotonic() - last > _REPORT_SECONDS:
                report(tally.rows - told)
                told, last = tally.rows, monotonic()
    report(tally.rows - told)
    kinds: list[Kind] = parts.kinds
    return Done(
        unit.index,
        unit.key,
        tally.rows,
        tally.lines,
        rejected,
        repaired,
        found,
        [*kinds],
        tally.notes,
    )


Distinct = tuple[pa.RecordBatch, "np.ndarray[tuple[int], np.dtype[np.int64]]", "Lines", Hashes]
Lines = np.ndarray[tuple[int], np.dtype[np.int64]] | None


def _distinct(slab: Slab) -> Distinct:
    """The slab without listings that stand earlier in it; they become rejects.

    Whether a listing stands in an earlier slab only the parent can tell. A later copy within one
    slab is a repeat in any case, and a judge may rely on ids being unique within a batch.
    """
    batch, rows, lines = slab.batch, slab.rows, slab.lines
    ids = batch.column(0).to_pylist()
    hashes = hashes_of(ids)
    again = repeats_within(hashes)
    if again is None:
        return batch, rows, lines, hashes
    for index in np.flatnonzero(again):
        line = None if lines is None else int(lines[index])
        slab.rejects.add(int(rows[index]), line, "duplicate", "listing_id", ids[index])
    kept = ~again
    lines = None if lines is None else lines[kept]
    return batch.filter(pa.array(kept)), rows[kept], lines, hashes[kept]


def _judged(judge: Judge, batch: pa.RecordBatch, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pa.RecordBatch:
    """The findings in the order of the rows, with row and store."""
    try:
        findings = checked(judge(batch))
    except Exception as error:
        raise JudgeError(f"failed: {type(error).__name__}: {error}") from error
    subjects = pc.struct_field(findings.column("subject"), "id")
    # A finding about something else than a listing of the batch goes behind the batch's last row.
    found = pc.fill_null(pc.index_in(subjects, value_set=batch.column(0)), batch.num_rows - 1)
    at = found.to_numpy(zero_copy_only=False)
    order = np.argsort(at, kind="stable")
    at = at[order]
    if order.size and (order[1:] < order[:-1]).any():
        findings = findings.take(pa.array(order))
    return pa.RecordBatch.from_arrays(
        [*findings.columns, pa.array(rows[at]), batch.column("store_id").take(pa.array(at))],
        schema=SCHEMAS["findings"],
    )


def _ids(
    batch: pa.RecordBatch,
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
    lines: Lines,
    hashes: Hashes,
) -> pa.RecordBatch:
    at = pa.nulls(len(rows), pa.int64()) if lines is None else pa.array(lines, pa.int64())
    return pa.RecordBatch.from_arrays([pa.array(hashes), pa.array(rows), at, batch.column(0)], schema=SCHEMAS["ids"])
