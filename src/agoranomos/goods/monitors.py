"""The rooms of the goods desk as monitors, in the order in which they hear: for replays, and for the scales live."""

from __future__ import annotations

from datetime import timedelta

from agoranomos.enforcement.asking import needs_of
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.goods.batches.monitor import BatchMonitor, Redress
from agoranomos.goods.notices import cabinet as notice_cabinet
from agoranomos.goods.notices import telling as notice_telling
from agoranomos.goods.notices.desk import NoticeDesk
from agoranomos.goods.policies import Policies
from agoranomos.goods.programmes.monitor import ProgrammeMonitor
from agoranomos.goods.redress import cabinet as redress_cabinet
from agoranomos.goods.redress import telling as redress_telling
from agoranomos.goods.redress.desk import RedressDesk
from agoranomos.goods.redress.telling import SaidOnly
from agoranomos.goods.testbuys.monitor import TestBuyMonitor
from agoranomos.goods.trade.desk import DeskMonitor
from agoranomos.goods.trade.memory import MemoryTrade


def weighing_monitors(policies: Policies, *, speaks: bool) -> list[Monitor]:
    """Test buys, batches and notices, which put weights on the scales; `speaks`: see `notice_monitor`."""
    needs = needs_of(policies.actions)
    return [
        TestBuyMonitor(policies.testbuys, needs),
        BatchMonitor(policies.batches, needs, _made_good(policies)),
        notice_monitor(policies, speaks=speaks),
    ]


def _made_good(policies: Policies) -> Redress:
    """Which orders redress makes good, and so which buyers it tells."""
    policy = policies.redress
    return Redress(timedelta(days=policy.window_days), timedelta(days=policy.after_days))


def notice_monitor(policies: Policies, *, speaks: bool) -> Monitor:
    """Notices in the memory of this process. `speaks`: in a replay; live, tables speak, and this one only weighs."""
    cabinet = notice_cabinet.MemoryCabinet()
    trade = MemoryTrade(stores=speaks)
    desk = NoticeDesk(cabinet, trade, policies.notices, needs_of(policies.actions))
    version = f"{notice_telling.VERSION}:{policies.notices.version}:{speaks}"
    return DeskMonitor(desk, trade, cabinet, version, only_weighs=not speaks)


def programme_monitor(policies: Policies) -> Monitor:
    """Programmes in a replay; live they act by verbs."""
    return ProgrammeMonitor(policies.programmes, needs_of(policies.actions))


def redress_monitor(policies: Policies) -> Monitor:
    """Redress in a replay; live it acts by tables."""
    cabinet = redress_cabinet.MemoryCabinet()
    trade = MemoryTrade(orders=policies.redress.orders_kept)
    desk = RedressDesk(cabinet, trade, policies.redress, SaidOnly(policies.actions))
    return DeskMonitor(desk, trade, cabinet, f"{redress_telling.VERSION}:{policies.redress.version}")
