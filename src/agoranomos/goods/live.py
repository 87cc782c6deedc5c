"""Notices and redress over the store: they hear behind the log, and at once what a verb has told it.

In a replay the same desks are monitors: see `monitors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement.asking import needs_of
from agoranomos.engine.stream.monitor import Output
from agoranomos.goods.notices import desk as notice_desk
from agoranomos.goods.notices import queries as notice_queries
from agoranomos.goods.policies import Policies
from agoranomos.goods.redress import desk as redress_desk
from agoranomos.goods.redress import queries as redress_queries
from agoranomos.goods.redress.actions import StoreHands
from agoranomos.goods.trade import following
from agoranomos.goods.trade.desk import Desk
from agoranomos.goods.trade.following import Keep
from agoranomos.goods.trade.queries import StoreTrade
from agoranomos.judgements.actions import keep_findings
from agoranomos.kernel.actions import Action
from agoranomos.kernel.findings import Finding


@dataclass(frozen=True, slots=True)
class GoodsLive:
    """`keep` keeps what the desks say; without one, findings and actions are kept and nothing else."""

    policies: Policies
    keep: Keep | None = field(default=None)

    def step(self, connection: sa.Connection, now: datetime) -> bool:
        """Hears the next part of the log; whether it has reached the end."""
        return following.follow(connection, self._desks(connection, now), self._keeping, now)

    def catch_up(self, connection: sa.Connection, now: datetime) -> None:
        """Hears all of the log, in the given transaction: for verbs, whose event is among the last."""
        while not self.step(connection, now):
            pass

    def _desks(self, connection: sa.Connection, now: datetime) -> list[Desk]:
        trade = StoreTrade(connection)
        cabinet = notice_queries.StoreCabinet(connection)
        hands = StoreHands(
            connection, self.policies.actions, lambda finding: self._keeping(connection, [finding], now), now
        )
        return [
            notice_desk.NoticeDesk(cabinet, trade, self.policies.notices, needs_of(self.policies.actions)),
            redress_desk.RedressDesk(redress_queries.StoreCabinet(connection), trade, self.policies.redress, hands),
        ]

    def _keeping(self, connection: sa.Connection, outputs: Sequence[Output], now: datetime) -> None:
        if self.keep is not None:
            self.keep(connection, outputs, now)
            return
        keep_findings(connection, [each for each in outputs if isinstance(each, Finding)], now=now)
        if asked := [each for each in outputs if isinstance(each, Action)]:
            enforcing.take(connection, asked, policy=self.policies.actions, now=now)
