"""What the ledger is kept in: accounts with their running totals, the records, and which reservations are open.

The records are the truth; totals and open reservations could be made again from them (`trial.trial_balance` does).
"""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment, keep_append_only
from agoranomos.kernel.store import metadata

ledger_accounts = sa.Table(
    "ledger_accounts",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("unit", Key, nullable=False),
    sa.Column("kind", Key, nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("floor", sa.BigInteger),
    sa.Column("ceiling", sa.BigInteger),
    sa.Column("debits_posted", sa.BigInteger, nullable=False),
    sa.Column("credits_posted", sa.BigInteger, nullable=False),
    sa.Column("debits_pending", sa.BigInteger, nullable=False),
    sa.Column("credits_pending", sa.BigInteger, nullable=False),
    # The rules look before they write; should they ever be wrong, the database has the last word.
    sa.CheckConstraint(
        "debits_posted >= 0 AND credits_posted >= 0 AND debits_pending >= 0 AND credits_pending >= 0", "totals"
    ),
    sa.CheckConstraint("floor IS NULL OR credits_posted - debits_posted - debits_pending >= floor", "floor"),
    sa.CheckConstraint("ceiling IS NULL OR credits_posted - debits_posted + credits_pending <= ceiling", "ceiling"),
)
keep_append_only(ledger_accounts, ACCOUNT_TERMS := ("id", "unit", "kind", "opened_at", "floor", "ceiling"))

ledger_transfers = sa.Table(
    "ledger_transfers",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("kind", Key, nullable=False),
    sa.Column("debit", Key, sa.ForeignKey("ledger_accounts.id"), nullable=False),
    sa.Column("credit", Key, sa.ForeignKey("ledger_accounts.id"), nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    # By how much the reserved sum changes: so that every balance is one sum over rows, without a join.
    sa.Column("held", sa.BigInteger, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Column("expires_at", Moment),
    sa.Column("reason", Key, nullable=False),
    sa.Column("because", Json, nullable=False),
    sa.Column("refers_to", Key, sa.ForeignKey("ledger_transfers.id")),
    sa.CheckConstraint("amount > 0", "amount"),
    sa.CheckConstraint("debit <> credit", "two_accounts"),
    sa.CheckConstraint("kind IN ('transfer', 'reserve', 'settle', 'release', 'expire', 'reverse')", "kind"),
    sa.CheckConstraint("(kind IN ('transfer', 'reserve')) = (refers_to IS NULL)", "refers_to"),
    sa.CheckConstraint(
        "CASE WHEN kind = 'reserve' THEN held = amount WHEN kind IN ('settle', 'release', 'expire') "
        "THEN held <= -amount ELSE held = 0 END",
        "held",
    ),
    # As of any day: the debits and the credits of one account up to then.
    sa.Index(None, "debit", "at"),
    sa.Index(None, "credit", "at"),
)
# A record is followed at most once: a reservation ends once, a movement is reversed once. Most refer to none.
sa.Index(
    "ix_ledger_transfers_refers_to",
    ledger_transfers.c.refers_to,
    unique=True,
    sqlite_where=ledger_transfers.c.refers_to.is_not(None),
    postgresql_where=ledger_transfers.c.refers_to.is_not(None),
)
keep_append_only(ledger_transfers)

ledger_reservations = sa.Table(
    "ledger_reservations",
    metadata,
    # Only what is open: the search for what is due must not wade through everything that ever expired.
    sa.Column("transfer_id", Key, sa.ForeignKey("ledger_transfers.id"), primary_key=True),
    sa.Column("expires_at", Moment, index=True),
)
