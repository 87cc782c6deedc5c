"""What the edges of this room, HTTP and commands, work with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from agoranomos.enforcement import actions
from agoranomos.enforcement.model import Measure, Want
from agoranomos.enforcement.policy import Policy
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store
from agoranomos.vault.keys import Vault


class Requested(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for; `measure` when it was asked for as one."""

    actions: list[Action] = []
    measure: Measure | None = None


@dataclass(frozen=True, slots=True)
class ActionService:
    """The store, the vault that seals secrets, the policy and the clock."""

    store: Store
    vault: Vault
    policy: Policy
    clock: Clock

    def request(
        self, wants: Sequence[Want], because: Sequence[str], *, as_measure: bool, by: Actor, key: str | None
    ) -> Requested:
        """See `actions.request` and `actions.request_measure`; `key` is the idempotency key."""
        now = self.clock()
        with self.store.transaction() as connection:
            if key is not None:
                body = msgspec.json.encode((wants, because, as_measure), order="sorted")
                digest = hashlib.blake2b(body, digest_size=16).hexdigest()
                actions.remember_key(connection, by, key, digest, now=now)
            if as_measure:
                measure = actions.request_measure(
                    connection, wants, by=by, because=because, policy=self.policy, now=now
                )
                return Requested(measure=measure)
            asked = actions.request(connection, wants, by=by, because=because, policy=self.policy, now=now)
            return Requested(actions=asked)
