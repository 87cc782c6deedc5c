"""One request, one transaction: what HTTP and commands share of appeals and complainants."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place
from agoranomos.kernel.store import Store
from agoranomos.sellers.appeals import actions, queries
from agoranomos.sellers.appeals.actions import Ruling
from agoranomos.sellers.appeals.model import Appeal, State, record_of
from agoranomos.sellers.appeals.policy import Policy
from agoranomos.sellers.appeals.queries import StoreCabinet
from agoranomos.sellers.points.actions import Verbs


class Complainant(msgspec.Struct, frozen=True, kw_only=True):
    """How an account's claims of fakes came out. `weight`: how likely the next one is right; `doubtful`: by itself it
    counts for nothing.
    """

    account_id: str
    right: int
    wrong: int
    weight: float
    sure_bad: float
    doubtful: bool


@dataclass(frozen=True, slots=True)
class AppealService:
    """The store, what the verbs work with, the policies and the clock."""

    store: Store
    verbs: Verbs
    policy: Policy
    actions: ActionPolicy
    clock: Clock

    def decide(self, appeal_id: str, ruling: Ruling, *, by: Actor) -> Appeal:
        """See `actions.decide`."""
        with self.store.transaction() as connection:
            return actions.decide(
                connection, self.verbs, self.actions, appeal_id, ruling, by=by, now=self.clock()
            )  # fmt: skip

    def listed(self, *, state: State | None = None, after: Place | None = None, limit: int = 100) -> list[Appeal]:
        """See `queries.listed`."""
        with self.store.reading() as connection:
            return queries.listed(connection, state=state, after=after, limit=limit)

    def complainant(self, account_id: str) -> Complainant:
        """Raises NotFound for what is no id."""
        if not is_id(account_id):
            raise NotFound("there is no account with this id")
        with self.store.reading() as connection:
            cabinet = StoreCabinet(connection)
            claims = cabinet.claims_by(account_id)
            verdicts = {each.listing_id: cabinet.verdicts_on(each.listing_id) for each in claims}
        rules = self.policy.complainants
        record = record_of(claims, verdicts, rules)
        return Complainant(
            account_id=account_id, right=record.right, wrong=record.wrong, weight=round(record.expected(rules), 4),
            sure_bad=round(record.sure_bad(rules), 4), doubtful=record.doubtful(rules),
        )  # fmt: skip
