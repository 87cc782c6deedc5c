"""Known pictures: fakes, and the brands' own."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Key, Moment
from agoranomos.kernel.store import metadata

picture_references = sa.Table(
    "picture_references",
    metadata,
    sa.Column("role", Key, primary_key=True),
    sa.Column("content", Key, primary_key=True),
    # Of several pictures with one name all are kept: which of them was matched, the content says.
    sa.Column("name", Key, nullable=False),
    sa.Column("brand_id", Key),
    sa.Column("source", sa.Text, nullable=False),
    # Grows with each that is added and is never given again: tells what an index that was made earlier lacks.
    sa.Column("number", sa.BigInteger, nullable=False, unique=True),
    sa.Column("added_at", Moment, nullable=False),
    # The signature, so that an index can be made anew without the file.
    sa.Column("packed", sa.LargeBinary, nullable=False),
    sa.CheckConstraint("role IN ('fake', 'genuine')", name="role"),
    sa.Index(None, "role", "name"),
)
"""One row per known picture; `content` is the SHA-256 of its file in hex."""
