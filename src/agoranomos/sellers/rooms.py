"""The rooms of the sellers desk, as `wiring` asks for them: what each works with, hears, and notes of a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.intake.actions import Hearers
from agoranomos.intake.noting import Notings
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.consulting import Consultant
from agoranomos.kernel.store import Store
from agoranomos.vault.keys import Vault


@dataclass(frozen=True)
class Sellers:
    """What the rooms work with. `open_store`, `open_vault` and `cache` make what a history does without; `hearers` hear
    the events that are said here, `draws` gives random bytes, `consultant` knows the rules of checks; photos lie under
    `pictures_root` (None: they are not looked at).
    """

    open_store: Callable[[], Store]
    open_vault: Callable[[], Vault]
    hearers: Hearers
    action_policy: ActionPolicy
    home: Path
    cache: Callable[[], Path]
    clock: Clock
    draws: Callable[[int], bytes]
    consultant: Callable[[], Consultant]
    pictures_root: Path | None = None

    @property
    def notings(self) -> Notings:
        """What rooms keep of a person where tokens take the place of what was said: see `intake.noting`."""
        return {}

    def monitors(self) -> list[Monitor]:
        """The monitors of a replay, in the order in which they hear."""
        return []

    def followed(self) -> Mapping[str, Callable[[], Monitor]]:
        """The monitors that follow the log live, by name."""
        return {}
