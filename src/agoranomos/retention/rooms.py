"""The room of retention, as `wiring` asks for it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from agoranomos.kernel.clock import Clock
from agoranomos.kernel.retained import Kept
from agoranomos.kernel.store import Store
from agoranomos.retention.actions import Covers, Forgets, Stands, Tools
from agoranomos.retention.policy import load_policy
from agoranomos.retention.service import RetentionService


@dataclass(frozen=True)
class Retention:
    """See `actions.Tools` for what it works with."""

    open_store: Callable[[], Store]
    clock: Clock
    kept: Sequence[Kept]
    covers: Covers
    stands: Stands
    forgets: Sequence[Forgets]
    policy_folders: Sequence[Path] = ()
    draws: Callable[[int], bytes] = secrets.token_bytes

    @cached_property
    def service(self) -> RetentionService:
        """Holds and runs over the store."""
        policy = load_policy(self.kept, self.policy_folders)
        tools = Tools(self.kept, policy, self.covers, self.stands, self.forgets, self.draws)
        return RetentionService(self.open_store(), tools, self.clock)
