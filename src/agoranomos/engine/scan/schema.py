"""The shapes that cross the scan's borders: listings in, findings and rejects out."""

from __future__ import annotations

import pyarrow as pa

from agoranomos.engine.arrow import without_pandas

without_pandas()  # whoever makes the first array of a process has imported these shapes

REQUIRED = ("listing_id", "store_id", "title", "price_amount", "currency")
"""Columns that every file must have."""
OPTIONAL = ("seller_id", "description", "brand", "category", "picture_paths", "listed_at")
"""Columns that a file may have."""
COLUMNS = REQUIRED + OPTIONAL
TEXTS = ("title", "description", "brand", "category")
"""What sellers write: repaired where possible rather than refused."""
IDS = ("listing_id", "store_id", "seller_id")

BATCH_ROWS = 16_384
BATCH_BYTES = 8 << 20
"""A batch handed to the judge has at most so many rows, and about so many bytes."""
TEXT_BYTES_MAX = 1 << 20
"""Longer titles and descriptions are cut at a character boundary (bytes of UTF-8)."""
LINE_BYTES_MAX = 4 << 20
"""A longer line of CSV or JSONL is refused unread (bytes)."""

LISTING_SCHEMA = pa.schema(
    [
        pa.field("listing_id", pa.string(), nullable=False),
        pa.field("store_id", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("price_amount", pa.int64(), nullable=False),  # minor units of `currency`
        pa.field("currency", pa.string(), nullable=False),  # ISO 4217
        pa.field("seller_id", pa.string()),  # null when absent
        pa.field("description", pa.string(), nullable=False),  # "" when absent, so too the next two
        pa.field("brand", pa.string(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("picture_paths", pa.list_(pa.string()), nullable=False),  # empty when absent
        pa.field("listed_at", pa.string()),  # RFC 3339 as given; null when absent
    ]
)
"""What a judge gets, always with all columns; `listing_id` is unique within a batch."""

_SUBJECT = pa.struct([("kind", pa.string()), ("id", pa.string())])
_REASON = pa.struct([("code", pa.string()), ("message", pa.string()), ("evidence", pa.string())])
_RELATED = pa.struct([("kind", pa.string()), ("id", pa.string()), ("role", pa.string())])

FINDINGS_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("at", pa.string()),
        ("code", pa.string()),
        ("subject", _SUBJECT),
        ("score", pa.float64()),
        ("reasons", pa.list_(_REASON)),  # evidence is a JSON string
        ("related", pa.list_(_RELATED)),
        ("ring_id", pa.string()),
        ("revision", pa.int32()),
        ("event_ids", pa.list_(pa.string())),
        ("detector", pa.string()),
        ("version", pa.string()),
        ("status", pa.string()),
    ]
)
"""The finding of the contract, one row each; what a judge gives."""

REJECTS_SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),  # 1-based data row: headers and blank lines do not count
        ("line", pa.int64()),  # 1-based line where the row begins; null for Parquet
        ("column", pa.string()),  # null when the whole row is at fault
        ("reason", pa.string()),  # a code of `rejects.REASONS`
        ("listing_id", pa.string()),  # where it could be read; no other cell is repeated
    ]
)
"""A row that was not judged, and why."""
