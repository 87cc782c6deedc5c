"""What the vault keeps: one data key for each subject, values sealed under it, and who read them.

Whoever deletes a subject's data key has deleted all values sealed under it, in backups too.
"""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment, Position
from agoranomos.kernel.store import metadata

vault_keys = sa.Table(
    "vault_keys",
    metadata,
    # `seller:` or `account:` with the id.
    sa.Column("subject", Key, primary_key=True),
    # Which master key it is wrapped with.
    sa.Column("master_id", Key, nullable=False),
    sa.Column("nonce", sa.LargeBinary, nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Index(None, "master_id", "subject"),
)

# The master keys that data keys were wrapped with here; with one that is retired no new ones are.
vault_masters = sa.Table(
    "vault_masters",
    metadata,
    sa.Column("master_id", Key, primary_key=True),
    sa.Column("known_at", Moment, nullable=False),
    sa.Column("retired_at", Moment),
)

vault_values = sa.Table(
    "vault_values",
    metadata,
    # The same value of two subjects has one token and is sealed twice, so that each can be erased alone.
    sa.Column("token", Key, primary_key=True),
    sa.Column("subject", Key, sa.ForeignKey("vault_keys.subject", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("nonce", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("kept_at", Moment, nullable=False),
    # What it is kept for, which its seal holds too; NULL: sealed before that was said.
    sa.Column("kept_for", Key),
)

vault_reveals = sa.Table(
    "vault_reveals",
    metadata,
    sa.Column("token", Key, primary_key=True),
    sa.Column("at", Moment, primary_key=True),
    sa.Column("actor", Key, primary_key=True),
    sa.Column("purpose", sa.Text, nullable=False),
    # Under which permit; NULL: by the system itself, such as for a referral.
    sa.Column("permit_id", Key),
    sa.Index(None, "at", "token"),
)

vault_erasures = sa.Table(
    "vault_erasures",
    metadata,
    sa.Column("erasure_id", Key, primary_key=True),
    # As in the audit log: see `subjects.audit_id`.
    sa.Column("subject", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", Key, nullable=False),
    sa.Column("kinds", Json, nullable=False),
    sa.Column("tokens", Json, nullable=False),
    sa.Column("key_digest", Key, nullable=False),
    sa.Column("master_id", Key, nullable=False),
    sa.Column("audit_index", Position, nullable=False),
    sa.Index(None, "subject", "at"),
)
