"""Who read whose personal data, for the schedule; the audit log has it as well, without the words of the purpose."""

from __future__ import annotations

from typing import Final

from agoranomos.kernel.retained import Kept
from agoranomos.vault.tables import vault_reveals

KEPT: Final = (
    Kept(
        kind="vault.reveals", about="who read which value for what", table=vault_reveals, at=vault_reveals.c.at,
        least_days=365,
    ),
)  # fmt: skip
