"""How far the rooms about conduct have heard the event log."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Key, Moment
from agoranomos.kernel.store import metadata

conduct_progress = sa.Table(
    "conduct_progress",
    metadata,
    sa.Column("name", Key, primary_key=True),
    # Everything up to this position of the event log was heard …
    sa.Column("position", sa.BigInteger, nullable=False),
    # … and it had become this late on the events' own clock.
    sa.Column("heard_until", Moment),
    sa.Column("received_at", Moment),
)
