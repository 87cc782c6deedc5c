"""The data keys of the vault as something that master keys have wrapped: see `masters.Wrapped`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from agoranomos.vault.keys import NONCE_BYTES, Vault
from agoranomos.vault.tables import vault_keys
from agoranomos.vault.wrapping import unwrapped

_table = vault_keys.c


class DataKeys:
    """One for each person about whom something is kept."""

    name = "data_keys"

    def count(self, connection: sa.Connection) -> Mapping[str, int]:
        """Master key → how many data keys it has wrapped."""
        query = sa.select(_table.master_id, sa.func.count()).group_by(_table.master_id)
        return {row[0]: row[1] for row in connection.execute(query)}

    def rewrap(self, connection: sa.Connection, vault: Vault, limit: int) -> int:
        """Wraps up to `limit` data keys anew; the values under them stay as they are."""
        current = vault.keys.current
        old = sa.or_(_table.master_id < current, _table.master_id > current)  # "!=" would look at all
        query = sa.select(vault_keys).where(old).order_by(_table.master_id, _table.subject).limit(limit)
        rows = connection.execute(query.with_for_update()).all()
        subjects = [row.subject.encode() for row in rows]
        keys = unwrapped(vault.keys, [(row.master_id, row.nonce, row.wrapped) for row in rows], subjects)
        nonces = [vault.random(NONCE_BYTES) for _ in rows]
        wrapped = vault.keys.wrapping(current).encrypt(list(zip(nonces, keys, subjects, strict=True))) if rows else []
        changed = [
            {"whose": row.subject, "master": current, "n": nonce, "w": each}
            for row, nonce, each in zip(rows, nonces, wrapped, strict=True)
        ]
        if changed:
            values: dict[str, Any] = {
                "master_id": sa.bindparam("master"),
                "nonce": sa.bindparam("n"),
                "wrapped": sa.bindparam("w"),
            }
            this = sa.update(vault_keys).where(_table.subject == sa.bindparam("whose"))
            connection.execute(this.values(**values), changed)
        return len(rows)
