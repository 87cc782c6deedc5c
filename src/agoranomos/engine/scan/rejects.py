"""Why a row is not judged: the reasons, and the builder of the rejects table."""

from __future__ import annotations

import pyarrow as pa

from agoranomos.engine.scan.schema import REJECTS_SCHEMA

REASONS = {
    "missing": "the value is null or empty, and the column is required",
    "id_too_long": "an id has at most 128 characters",
    "id_not_printable": "an id has printable characters only",
    "id_not_exact": "the id was stored as a fraction or beyond 2^53: store ids as text",
    "not_an_integer": "a price is a whole number of minor units without decimals: 19.99 CNY is 1999, 5.00 CNY is 500",
    "negative": "a price is not below zero",
    "too_large": "a price is at most 10^15 minor units",
    "unknown_currency": "a currency is an ISO 4217 code such as CNY, in capitals",
    "not_utf8": "the bytes are no text in the file's encoding",
    "not_text": "the value is neither text nor a number",
    "duplicate": "an earlier row has this listing_id; the first one was judged",
    "ragged_row": "the row has more or fewer fields than the header",
    "broken_quote": "a quote is not closed, or is followed by more text: write it twice",
    "broken_json": "the line is not JSON",
    "not_an_object": "the line is JSON, but not an object of column names and values",
    "line_too_long": "the line is longer than 4 MiB",
    "unreadable": "the file is damaged here: this row and those after it could not be read",
}
"""Code -> what it means and how to mend it. Codes are stable: they stand in rejects.parquet."""


class Rejects:
    """Collects rejected rows of one unit; rows and lines are relative to it, counted from 0."""

    def __init__(self) -> None:
        self._rows: list[int] = []
        self._lines: list[int | None] = []
        self._columns: list[str | None] = []
        self._reasons: list[str] = []
        self._ids: list[str | None] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(
        self,
        row: int,
        line: int | None,
        reason: str,
        column: str | None = None,
        listing_id: str | None = None,
    ) -> None:
        """Notes one row; each row is noted once, with the first reason found."""
        assert reason in REASONS
        self._rows.append(row)
        self._lines.append(line)
        self._columns.append(column)
        self._reasons.append(reason)
        self._ids.append(listing_id)

    def extend(self, other: Rejects) -> None:
        """Takes over all that `other` has collected."""
        self._rows += other._rows
        self._lines += other._lines
        self._columns += other._columns
        self._reasons += other._reasons
        self._ids += other._ids

    def batch(self) -> pa.RecordBatch:
        """The rows in input order as REJECTS_SCHEMA; `file` is empty, the merge fills it in."""
        order = sorted(range(len(self._rows)), key=self._rows.__getitem__)
        columns: tuple[list[object], ...] = (
            [""] * len(order),
            [self._rows[i] for i in order],
            [self._lines[i] for i in order],
            [self._columns[i] for i in order],
            [self._reasons[i] for i in order],
            [self._ids[i] for i in order],
        )
        arrays = [pa.array(values, field.type) for values, field in zip(columns, REJECTS_SCHEMA, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=REJECTS_SCHEMA)
