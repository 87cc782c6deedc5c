"""The rooms about conduct over the store: they hear behind the log, and at once what a verb has told it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import sqlalchemy as sa

from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.monitor import Output
from agoranomos.judgements.actions import keep_decisions, keep_findings
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.findings import Finding
from agoranomos.sellers.appeals import queries as appeals_queries
from agoranomos.sellers.appeals.actions import StoreHands as AppealHands
from agoranomos.sellers.appeals.desk import AppealsDesk, complains_in_bad_faith
from agoranomos.sellers.certification.advising import Daily
from agoranomos.sellers.certification.desk import CertificationDesk
from agoranomos.sellers.certification.judging import Judging
from agoranomos.sellers.conduct import following
from agoranomos.sellers.conduct.desk import Desk, Suspects, nobody_suspects
from agoranomos.sellers.conduct.following import Keep
from agoranomos.sellers.conduct.history import bought
from agoranomos.sellers.conduct.policies import Policies
from agoranomos.sellers.credit.desk import CreditDesk
from agoranomos.sellers.freeze import queries as freeze_queries
from agoranomos.sellers.freeze.actions import Verbs as FreezeVerbs
from agoranomos.sellers.points import queries as points_queries
from agoranomos.sellers.points.actions import StoreHands
from agoranomos.sellers.points.desk import PointsDesk
from agoranomos.sellers.points.queries import StoreOf


@dataclass(frozen=True, slots=True)
class Conduct:
    """`keep` keeps what the desks say (None: findings, decisions and actions, and nothing else); `store_of` knows which
    store offers a listing; `daily` has the regions of the day (None: they are counted in each step); `suspects`: how
    probably a text says or suspects a fake.
    """

    actions: ActionPolicy
    policies: Policies
    keep: Keep | None = None
    store_of: StoreOf | None = None
    daily: Daily | None = None
    suspects: Suspects = nobody_suspects

    def step(self, connection: sa.Connection, now: datetime) -> bool:
        """Hears the next part of the log; whether it has reached the end."""
        following.take_turn(connection)
        desks = self.desks(connection, now)
        at_end = following.follow(connection, desks, self.keeping, now)
        for desk in desks:
            if isinstance(desk, CreditDesk):
                desk.write()
        return at_end

    def is_behind(self, connection: sa.Connection, now: datetime) -> bool:
        """Whether the log holds something that the desks have yet to hear."""
        return following.is_behind(connection, self.desks(connection, now))

    def catch_up(self, connection: sa.Connection, now: datetime) -> None:
        """Hears all of the log, in the given transaction: for verbs, whose event is among the last."""
        while not self.step(connection, now):
            pass

    def desks(self, connection: sa.Connection, now: datetime) -> list[Desk]:
        """The rules, over the store."""
        needs = needs_of(self.actions)
        cabinet = points_queries.StoreCabinet(connection, self.store_of)
        hands = StoreHands(connection, self.actions, now)
        return [
            PointsDesk(cabinet, self.policies.points, needs, hands),
            self.appeals_desk(connection, now),
            self.freezing.desk(connection, now),
            CertificationDesk(connection, self.certification(lambda: now).judged),
            CreditDesk(connection, partial(_order_of, connection), self.policies.points.zone),
        ]

    def certification(self, clock: Clock) -> Judging:
        """Who has to be certified in person; an adviser of the check of applications."""
        policy = self.policies.certification
        return Judging(policy, clock, self.daily or Daily(policy))

    @property
    def freezing(self) -> FreezeVerbs:
        """What the verbs of frozen money work with."""
        return FreezeVerbs(self.policies.freeze, self.actions, self._doubtful, self.suspects)

    def appeals_desk(self, connection: sa.Connection, now: datetime) -> AppealsDesk:
        """The rules of appeals and complainants, over the store."""
        money = freeze_queries.StoreCabinet(connection)
        hands = AppealHands(connection, self.actions, now)
        cabinet = appeals_queries.StoreCabinet(connection)
        return AppealsDesk(cabinet, self.policies.appeals, partial(bought, money), hands, self.suspects)

    def _doubtful(self, connection: sa.Connection, account_id: str) -> bool:
        cabinet = appeals_queries.StoreCabinet(connection)
        return complains_in_bad_faith(cabinet, self.policies.appeals.complainants, account_id)

    def keeping(self, connection: sa.Connection, outputs: Sequence[Output], now: datetime) -> None:
        """Keeps what desks said."""
        if self.keep is not None:
            self.keep(connection, outputs, now)
            return
        keep_findings(connection, [each for each in outputs if isinstance(each, Finding)], now=now)
        keep_decisions(connection, [each for each in outputs if isinstance(each, Decision)], now=now)
        if asked := [each for each in outputs if isinstance(each, Action)]:
            enforcing.take(connection, asked, policy=self.actions, now=now)


def _order_of(connection: sa.Connection, order_id: str) -> tuple[str, datetime] | None:
    parts = freeze_queries.StoreCabinet(connection).parts_of_order(order_id) if order_id else []
    return (parts[0].store_id, parts[0].placed_at) if parts else None
