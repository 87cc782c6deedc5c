"""What referrals are kept in."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment, keep_append_only
from agoranomos.kernel.store import metadata

referrals = sa.Table(
    "referrals",
    metadata,
    sa.Column("referral_id", Key, primary_key=True),
    sa.Column("about_kind", Key, nullable=False),
    sa.Column("about_id", Key, nullable=False),
    sa.Column("authority", Key, nullable=False),
    # The case that it comes from.
    sa.Column("because", Key),
    sa.Column("state", Key, nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("opened_by", Key, nullable=False),
    # The last package that was made, and the one that went out; 0: none.
    sa.Column("package", sa.Integer, nullable=False),
    sa.Column("sent", sa.Integer, nullable=False),
    # The authority's own number.
    sa.Column("reference", Key),
    sa.Column("changed_at", Moment, nullable=False),
    sa.CheckConstraint("state IN ('open', 'sent', 'received', 'accepted', 'rejected', 'closed', 'withdrawn')", "state"),
    sa.CheckConstraint("sent <= package", "sent"),
    sa.Index(None, "opened_at", "referral_id"),
    sa.Index(None, "state", "opened_at", "referral_id"),
    sa.Index(None, "about_kind", "about_id"),
    sa.Index(None, "because"),
)

referral_packages = sa.Table(
    "referral_packages",
    metadata,
    sa.Column("referral_id", Key, sa.ForeignKey("referrals.referral_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("document", Json, nullable=False),
)
"""`document` is a `Made`; the archive itself lies in a folder."""
keep_append_only(referral_packages)

referral_custody = sa.Table(
    "referral_custody",
    metadata,
    sa.Column("referral_id", Key, sa.ForeignKey("referrals.referral_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", Key, nullable=False),
    sa.Column("verb", Key, nullable=False),
    sa.Column("package", sa.Integer, nullable=False),
    sa.Column("sha256", Key),
    sa.Column("audit_index", sa.BigInteger, nullable=False),
    # For the figures of a year.
    sa.Index(None, "verb", "at"),
)
keep_append_only(referral_custody)

referral_outcomes = sa.Table(
    "referral_outcomes",
    metadata,
    sa.Column("referral_id", Key, sa.ForeignKey("referrals.referral_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("cases", sa.Integer, nullable=False),
    sa.Column("suspects", sa.Integer, nullable=False),
    sa.Column("detained", sa.Integer, nullable=False),
    sa.Column("convicted", sa.Integer, nullable=False),
    sa.Column("involved", sa.BigInteger, nullable=False),
    sa.Column("recovered", sa.BigInteger, nullable=False),
    sa.Column("currency", Key, nullable=False),
)
keep_append_only(referral_outcomes)
