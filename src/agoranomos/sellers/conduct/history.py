"""The rooms about conduct over a history: the same rules as live, over memory."""

from __future__ import annotations

from functools import partial

from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.asking import Asking, nobody_asked
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.kernel.consulting import Consultant
from agoranomos.sellers.appeals import cabinet as appeals_cabinet
from agoranomos.sellers.appeals import telling as appeals_telling
from agoranomos.sellers.appeals.desk import AppealsDesk, complains_in_bad_faith
from agoranomos.sellers.appeals.telling import NothingDone
from agoranomos.sellers.certification.advising import CertificationMonitor
from agoranomos.sellers.conduct.desk import DeskMonitor, Suspects, nobody_suspects
from agoranomos.sellers.conduct.policies import Policies
from agoranomos.sellers.freeze import cabinet as freeze_cabinet
from agoranomos.sellers.freeze import telling as freeze_telling
from agoranomos.sellers.freeze.desk import FreezeDesk
from agoranomos.sellers.points import cabinet as points_cabinet
from agoranomos.sellers.points import telling as points_telling
from agoranomos.sellers.points.desk import PointsDesk


def monitors(
    actions: ActionPolicy, policies: Policies, suspects: Suspects = nobody_suspects, asking: Asking = nobody_asked
) -> list[Monitor]:
    """The same rules over a history; `asking` lets the check of payouts ask the rule book."""
    needs = needs_of(actions)
    cabinet = points_cabinet.MemoryCabinet()
    desk = PointsDesk(cabinet, policies.points, needs, points_telling.SaidOnly())
    money = freeze_cabinet.MemoryCabinet(policies.freeze.followed)
    claims = appeals_cabinet.MemoryCabinet()
    appeals = AppealsDesk(claims, policies.appeals, partial(bought, money), NothingDone(), suspects)
    doubtful = partial(complains_in_bad_faith, claims, policies.appeals.complainants)

    def freezes(rules: Consultant) -> Monitor:
        desk = FreezeDesk(money, policies.freeze, needs, freeze_telling.SaidOnly(), doubtful, suspects, rules)
        return DeskMonitor(desk, money, f"{freeze_telling.VERSION}:{policies.freeze.version}")

    return [
        DeskMonitor(desk, cabinet, f"{points_telling.VERSION}:{policies.points.stamp}"),
        DeskMonitor(appeals, claims, f"{appeals_telling.VERSION}:{policies.appeals.version}"),
        asking(freezes, freeze_telling.CHECK),
        CertificationMonitor(policies.certification, cabinet.offenders),
    ]


def bought(money: freeze_cabinet.Cabinet, order_id: str) -> tuple[str, tuple[str, ...]] | None:
    """Who placed an order, and of which listings, as far as frozen money follows it."""
    parts = money.parts_of_order(order_id)
    return (parts[0].buyer_id, tuple(part.listing_id for part in parts)) if parts else None
