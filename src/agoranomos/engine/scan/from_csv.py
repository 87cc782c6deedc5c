"""Reads one unit of a CSV file: in bulk with Arrow, record by record where something is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.csv as pv

from agoranomos.engine.scan.encoding import decoded
from agoranomos.engine.scan.raw import Raw, Rows, Tally
from agoranomos.engine.scan.records import Piece, Splitter, fields, records_of, tidy_lines
from agoranomos.engine.scan.text_blocks import encoding_of, text_blocks
from agoranomos.engine.scan.units import Unit


def read(unit: Unit, tally: Tally) -> Iterator[Raw]:
    """The unit's rows; blank lines are none."""
    splitter = Splitter(unit.layout.delimiter)
    for block, final in text_blocks(unit, tally):
        for piece in splitter.feed(block, final=final):
            raw = _in_bulk(unit, tally, piece)
            if raw is not None:
                tally.rows += len(raw.rows)
                yield from raw.slices()
            else:
                yield from _one_by_one(unit, tally, piece)
    tally.lines = splitter.line


def _in_bulk(unit: Unit, tally: Tally, piece: Piece) -> Raw | None:
    """None when a record is ragged or not text, or the quotes are not tidy."""
    if piece.records is not None:
        return None
    layout, data = unit.layout, piece.data
    try:
        if encoding_of(unit) != "utf-8":
            data = data.decode(encoding_of(unit)).encode()
        table = pv.read_csv(
            pa.BufferReader(data),
            pv.ReadOptions(
                use_threads=False,
                block_size=len(data) + 1,
                column_names=[str(place) for place in range(layout.width)],
            ),
            pv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True),
            pv.ConvertOptions(
                column_types={str(place): pa.string() for place in layout.places.values()},
                include_columns=[str(place) for place in layout.places.values()],
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return None
    columns = {ours: _whole(table.column(str(place))) for ours, place in layout.places.items()}
    rows = np.arange(tally.rows, tally.rows + table.num_rows)
    return Raw(columns, rows, piece.line + tidy_lines(piece.data))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _one_by_one(unit: Unit, tally: Tally, piece: Piece) -> Iterator[Raw]:
    layout = unit.layout
    encoding = encoding_of(unit)
    rows = Rows(tuple(layout.places))
    first = 0 if piece.records is not None else piece.line
    records = piece.records
    if records is None:
        records = records_of(piece.data, layout.delimiter)
    for raw, line, fault in records:
        row, line_here = tally.rows, first + line
        tally.rows += 1
        text = None if fault else decoded(raw, encoding)
        if text is None:
            rows.rejects.add(row, line_here, fault or "not_utf8")
        else:
            values = fields(text[0], layout.delimiter)
            if len(values) != layout.width:
                rows.rejects.add(row, line_here, "ragged_row")
            else:
                rows.add(
                    row,
                    line_here,
                    [values[place] for place in layout.places.values()],
                    repaired=text[1],
                    size=len(raw),
                )
        if rows.full:
            yield rows.take()
    if not rows.empty:
        yield rows.take()
