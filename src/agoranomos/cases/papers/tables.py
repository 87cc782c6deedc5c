"""The table of what is attached to cases; the content lies in the vault, under the key of the case."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Key, Moment
from agoranomos.kernel.store import metadata

case_papers = sa.Table(
    "case_papers",
    metadata,
    sa.Column("paper_id", Key, primary_key=True),  # the token of the content in the vault
    sa.Column("case_id", Key, sa.ForeignKey("cases.case_id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("media_type", Key, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("sha256", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", Key, nullable=False),
    sa.Index(None, "case_id", "at"),
)
