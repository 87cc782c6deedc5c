"""What shows that a person was erased: the record of it, its entry in the audit log, and that nothing is left.

The entry is proven by a signed checkpoint, which is checked without this store (`agora audit check-proof`). That
nothing is left is true of this store; of a backup from before it is once the master key of then is retired.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.audit import proving
from agoranomos.audit.proving import Proof
from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.vault.subjects import Whom, audit_id
from agoranomos.vault.tables import vault_erasures, vault_keys, vault_masters, vault_values


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What the vault still has: of the person, and of the values that were erased (those of other people)."""

    data_keys: int
    values: int
    shared_with_others: int


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """One erasure: when, by whom, how many values of each kind, and which key went.

    `backups_closed_at`: when the master key was retired, without which no backup from before opens; None: it was not.
    `proof` is None until the next checkpoint is signed.
    """

    erasure_id: str
    subject: str
    at: datetime
    actor: str
    kinds: dict[str, int]
    key_digest: str
    master_id: str
    backups_closed_at: datetime | None
    audit_index: int
    proof: Proof | None


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """All erasures of a person, newest first, and what is left of them now."""

    subject: str
    erasures: list[Erasure]
    left: Left


def shown(connection: sa.Connection, about: Whom) -> Shown:
    """What shows that `about` was erased. Raises NotFound for whom nobody has erased."""
    table, subject = vault_erasures, audit_id(about.key)
    query = sa.select(table).where(table.c.subject == subject).order_by(table.c.at.desc(), table.c.erasure_id)
    rows = connection.execute(query).all()
    if not rows:
        raise NotFound("nobody has erased this person here; see agora audit list --subject vault_subject")
    tokens = sorted({token for row in rows for token in row.tokens})
    return Shown(
        subject=subject, erasures=[_erasure(connection, row) for row in rows], left=_left(connection, about, tokens)
    )


def _erasure(connection: sa.Connection, row: sa.Row[Any]) -> Erasure:
    retired = sa.select(vault_masters.c.retired_at).where(vault_masters.c.master_id == row.master_id)
    try:
        proof = proving.prove(connection, row.audit_index)
    except Conflict:
        proof = None
    return Erasure(
        erasure_id=row.erasure_id, subject=row.subject, at=row.at, actor=row.actor, kinds=row.kinds,
        key_digest=row.key_digest, master_id=row.master_id, audit_index=row.audit_index, proof=proof,
        backups_closed_at=connection.execute(retired).scalar_one_or_none(),
    )  # fmt: skip


def _left(connection: sa.Connection, about: Whom, tokens: list[str]) -> Left:
    def count(table: sa.Table, where: sa.ColumnElement[bool]) -> int:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table).where(where)).scalar_one())

    return Left(
        data_keys=count(vault_keys, vault_keys.c.subject == about.key),
        values=count(vault_values, vault_values.c.subject == about.key),
        shared_with_others=count(
            vault_values, sa.and_(vault_values.c.token.in_(tokens), vault_values.c.subject != about.key)
        ),
    )
