"""What notices are kept in; other rooms do not import it."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("notice_id", Key, primary_key=True),
    sa.Column("rights_holder_id", Key, nullable=False),
    sa.Column("brand_id", Key, nullable=False),
    sa.Column("kind", Key, nullable=False),
    sa.Column("state", Key, nullable=False),
    sa.Column("filed_at", Moment, nullable=False),
    # The lowest goes first.
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("decide_by", Moment),
    # `decide_by` until it was told that the decision is late.
    sa.Column("alarm_at", Moment),
    # Of a decided one, the share of its listings that stands upheld.
    sa.Column("share_upheld", sa.Double),
    sa.Column("document", Json, nullable=False),
    sa.CheckConstraint("state IN ('incomplete', 'open', 'countered', 'decided', 'merged')", name="state"),
    sa.Index(None, "filed_at", "notice_id"),
    sa.Index(None, "state", "filed_at", "notice_id"),
    sa.Index(None, "rights_holder_id", "filed_at"),
    sa.Index(None, "brand_id", "filed_at"),
    sa.Index(None, "state", "priority", "decide_by"),
    sa.Index(None, "alarm_at"),
)
"""One row for each notice; `document` is the whole `Notice`."""

notice_targets = sa.Table(
    "notice_targets",
    metadata,
    sa.Column("notice_id", Key, sa.ForeignKey("notices.notice_id"), primary_key=True),
    sa.Column("listing_id", Key, primary_key=True),
    sa.Column("store_id", Key),
    sa.Column("brand_id", Key, nullable=False),
    sa.Column("outcome", Key),
    # It waits, and this notice decides about it.
    sa.Column("waiting", sa.Boolean, nullable=False),
    sa.Index(None, "listing_id", "waiting"),
    sa.Index(None, "store_id", "brand_id", "outcome"),
)
"""The listings of notices, to be looked up by listing and by store."""

notice_brands = sa.Table(
    "notice_brands",
    metadata,
    sa.Column("brand_id", Key, primary_key=True),
    sa.Column("document", Json, nullable=False),
)
"""Who may file for a brand and who did; `document` is `BrandFacts`."""

notice_cases = sa.Table(
    "notice_cases",
    metadata,
    sa.Column("case_id", Key, primary_key=True),
    sa.Column("notice_id", Key, nullable=False),
)
"""Which notice a case is about."""
