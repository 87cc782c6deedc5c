"""One request, one transaction: what HTTP and commands share of programmes."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.goods.programmes import actions, queries
from agoranomos.goods.programmes.model import Enrolment, Fact
from agoranomos.goods.programmes.policy import Policy
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """An enrolment with all that is known of it."""

    enrolment: Enrolment
    facts: list[Fact]


@dataclass(frozen=True, slots=True)
class ProgrammeService:
    """The store, the policies and the clock."""

    store: Store
    policy: Policy
    action_policy: ActionPolicy
    clock: Clock

    def ask(self, seller_id: str, programme: str, *, by: Actor) -> Enrolment:
        """See `actions.ask`."""
        with self.store.transaction() as connection:
            return actions.ask(connection, seller_id, programme, policy=self.policy, by=by, now=self.clock())

    def leave(self, enrolment_id: str, *, by: Actor) -> Enrolment:
        """See `actions.leave`; the restrictions are back when it returns."""
        with self.store.transaction() as connection:
            actions.leave(connection, enrolment_id, by=by, now=self.clock())
        self.settle()
        with self.store.reading() as connection:
            return queries.get(connection, enrolment_id)

    def settle(self) -> int:
        """See `actions.settle`."""
        with self.store.transaction() as connection:
            return actions.settle(connection, policy=self.policy, action_policy=self.action_policy, now=self.clock())

    def show(self, enrolment_id: str) -> Shown:
        """Raises NotFound."""
        with self.store.reading() as connection:
            return Shown(
                enrolment=queries.get(connection, enrolment_id), facts=queries.facts_of(connection, enrolment_id)
            )
