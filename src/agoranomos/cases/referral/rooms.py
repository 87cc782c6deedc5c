"""The rooms of referrals and inspections, as `wiring` asks for them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from agoranomos.audit.notes import SigningKey
from agoranomos.cases.desk.tools import Tools
from agoranomos.cases.inspection.service import InspectionService
from agoranomos.cases.referral.attaching import CasePapers
from agoranomos.cases.referral.opening import VaultReads
from agoranomos.cases.referral.policy import load_policy
from agoranomos.cases.referral.service import ReferralService
from agoranomos.evidence.keys import evidence_key
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store
from agoranomos.promotions.tracing.service import TraceService
from agoranomos.vault.keys import Vault


@dataclass(frozen=True)
class Referrals:
    """`traces` knows who had the good of a campaign; packages and the key that signs them lie under `home`;
    `tools` are what verbs of cases work with, and `follow` brings batches up to date.
    """

    open_store: Callable[[], Store]
    open_vault: Callable[[], Vault]
    traces: Callable[[], TraceService]
    audit_key: Callable[[], SigningKey]
    tools: Callable[[], Tools]
    follow: Callable[[], None]
    clock: Clock
    home: Path
    policy_folders: Sequence[Path] = ()
    draws: Callable[[int], bytes] = secrets.token_bytes

    @cached_property
    def inspections(self) -> InspectionService:
        """What is shared with authorities that inspect goods."""
        return InspectionService(self.open_store(), self.tools, self.clock, self.follow, self._key)

    @cached_property
    def service(self) -> ReferralService:
        """Referrals over the store."""
        return ReferralService(
            self.open_store(), self.traces(), load_policy(self.policy_folders), self.clock, self.home / "referrals",
            self._key, self.audit_key, VaultReads(self.open_vault), CasePapers(self.tools),
        )  # fmt: skip

    def _key(self) -> SigningKey:
        return evidence_key(self.home, self.draws)
