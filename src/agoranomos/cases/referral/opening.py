"""Personal data for a package: read from the vault, where each reading leaves a trace before it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from agoranomos.cases.referral.packing import Opened
from agoranomos.kernel.actors import Actor
from agoranomos.vault.actions import read_all
from agoranomos.vault.keys import Vault
from agoranomos.vault.tokens import Kind, kind_of


@dataclass(frozen=True, slots=True)
class VaultReads:
    """See `service.Reads`."""

    vault: Callable[[], Vault]

    def __call__(
        self, connection: sa.Connection, subjects: Sequence[str], kinds: Sequence[Kind], purpose: str, by: Actor,
        now: datetime,
    ) -> list[Opened]:  # fmt: skip
        """See `service.Reads`; in the order of subjects and kinds."""
        rows = read_all(connection, self.vault(), subjects, kinds=kinds, purpose=purpose, actor=by, now=now)
        found = [Opened(row.subject, kind_of(row.token), value) for row, value in rows]
        return sorted(found, key=lambda each: (each.subject, each.kind, each.value))
