"""Notices and redress over the store: they hear behind the log, and at once what a verb has told it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import Policy
from agoranomos.engine.stream.monitor import Monitor, Output
from agoranomos.goods.notices import cabinet as notice_cabinet
from agoranomos.goods.notices import desk as notice_desk
from agoranomos.goods.notices import queries as notice_queries
from agoranomos.goods.notices import telling as notice_telling
from agoranomos.goods.notices.actions import Verbs
from agoranomos.goods.notices.policy import NoticePolicy
from agoranomos.goods.notices.policy import load_policy as load_notice_policy
from agoranomos.goods.notices.service import NoticeService
from agoranomos.goods.redress import cabinet as redress_cabinet
from agoranomos.goods.redress import desk as redress_desk
from agoranomos.goods.redress import queries as redress_queries
from agoranomos.goods.redress import telling as redress_telling
from agoranomos.goods.redress.actions import StoreHands
from agoranomos.goods.redress.policy import RedressPolicy
from agoranomos.goods.redress.policy import load_policy as load_redress_policy
from agoranomos.goods.redress.telling import SaidOnly
from agoranomos.goods.trade import following
from agoranomos.goods.trade.desk import Desk, DeskMonitor
from agoranomos.goods.trade.following import Keep
from agoranomos.goods.trade.memory import MemoryTrade
from agoranomos.goods.trade.queries import StoreTrade
from agoranomos.judgements.actions import keep_findings
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from agoranomos.vault.keys import Vault


@dataclass(frozen=True, slots=True)
class Policies:
    """What the desks go by."""

    actions: Policy
    notices: NoticePolicy
    redress: RedressPolicy


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


def load_policies(actions: Policy, home: Path | None = None) -> Policies:
    """What the desks go by: `notices.toml` and `redress.toml` in `home`, else as shipped. Raises Invalid."""
    own = {name: home / f"{name}.toml" for name in ("notices", "redress")} if home is not None else {}
    there = {name: path for name, path in own.items() if path.exists()}
    return Policies(actions, load_notice_policy(there.get("notices")), load_redress_policy(there.get("redress")))


def notice_service(live: GoodsLive, store: Store, vault: Vault, clock: Clock) -> NoticeService:
    """What HTTP and commands do with notices."""
    verbs = Verbs(vault, live.policies.notices, live.catch_up, secrets.token_bytes)
    return NoticeService(store, verbs, clock)


def notice_monitor(policies: Policies, *, speaks: bool) -> Monitor:
    """Notices in the memory of this process. `speaks`: in a replay; live, tables speak, and this one only weighs."""
    cabinet = notice_cabinet.MemoryCabinet()
    trade = MemoryTrade(stores=speaks)
    desk = notice_desk.NoticeDesk(cabinet, trade, policies.notices, needs_of(policies.actions))
    version = f"{notice_telling.VERSION}:{policies.notices.version}:{speaks}"
    return DeskMonitor(desk, trade, cabinet, version, only_weighs=not speaks)


def redress_monitor(policies: Policies) -> Monitor:
    """Redress in a replay."""
    cabinet = redress_cabinet.MemoryCabinet()
    keep = timedelta(days=policies.redress.window_days + policies.redress.after_days + 1)
    trade = MemoryTrade(orders=keep)
    desk = redress_desk.RedressDesk(cabinet, trade, policies.redress, SaidOnly(policies.actions))
    return DeskMonitor(desk, trade, cabinet, f"{redress_telling.VERSION}:{policies.redress.version}")
