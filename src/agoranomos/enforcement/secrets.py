"""The secrets of webhooks as something that the vault's master keys have sealed: see `vault.masters.Wrapped`."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from agoranomos.enforcement import signing
from agoranomos.enforcement.tables import webhook_secrets
from agoranomos.vault.keys import NONCE_BYTES, Vault

_table = webhook_secrets.c


class WebhookSecrets:
    """Those of all endpoints; receivers notice nothing of it."""

    name = "webhook_secrets"

    def count(self, connection: sa.Connection) -> Mapping[str, int]:
        """Master key → how many secrets it has sealed."""
        query = sa.select(_table.master_id, sa.func.count()).group_by(_table.master_id)
        return {row[0]: row[1] for row in connection.execute(query)}

    def rewrap(self, connection: sa.Connection, vault: Vault, limit: int) -> int:
        """Seals up to `limit` secrets anew."""
        current = vault.keys.current
        query = sa.select(webhook_secrets).where(_table.master_id != current).order_by(_table.secret_id).limit(limit)
        rows = connection.execute(query.with_for_update()).all()
        for row in rows:
            secret = signing.opened(vault, row.secret_id, row.master_id, row.nonce, row.sealed)
            nonce = vault.random(NONCE_BYTES)
            sealed = vault.keys.wrapping(current).encrypt([(nonce, secret, row.secret_id.encode())])[0]
            this = sa.update(webhook_secrets).where(_table.secret_id == row.secret_id)
            connection.execute(this.values(master_id=current, nonce=nonce, sealed=sealed))
        return len(rows)
