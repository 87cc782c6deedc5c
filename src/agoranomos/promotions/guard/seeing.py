"""What processes tell of claims and uses goes into the campaign's tests; what an alarm asks for, in the same
transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.enforcement.asking import Needs
from agoranomos.engine.stream.monitor import Output
from agoranomos.kernel.clock import rfc3339
from agoranomos.promotions.breaker import telling
from agoranomos.promotions.breaker.watch import Claimed, Paid, Seen
from agoranomos.promotions.budgets import leases
from agoranomos.promotions.budgets.model import Asked
from agoranomos.promotions.campaigns.model import Declared
from agoranomos.promotions.guard import standing
from agoranomos.promotions.guard.model import Rules

TOLD_AFTER: Final = 64
"""So many of one batch are told with the batch itself."""
Keep = Callable[[sa.Connection, Sequence[Output], datetime], None]
"""Keeps findings and actions, in the given transaction."""


class Sight(msgspec.Struct, frozen=True, gc=False):
    """A coupon that was given (`paid` None) or used, as a process saw it."""

    asked: Asked
    paid: Paid | None = None


def tell(
    connection: sa.Connection, rules: Rules, needs: Needs, keep: Keep, declared: Declared, sights: Sequence[Sight],
    now: datetime,
) -> None:  # fmt: skip
    """Takes `sights` of one campaign in, in their order. When it stands worse afterwards, its blocks are called in."""
    guarded = standing.opened(connection, declared)
    before = guarded.watch.standing
    lines, policy = rules.lines(declared.campaign), rules.policies.breaker
    said: list[Output] = []
    for raised in guarded.watch.see_all(_seen(connection, rules, sights), lines, policy):
        finding = telling.found(declared.id, raised, policy, since=rfc3339(guarded.since))
        said += [finding, *telling.done(declared.id, raised, finding, needs)]
    standing.save(connection, guarded)
    if guarded.watch.standing != before:
        leases.call_in(connection, declared.id, now)
    if said:
        keep(connection, said, now)


def _seen(connection: sa.Connection, rules: Rules, sights: Sequence[Sight]) -> Sequence[Seen]:
    claims = [sight.asked for sight in sights if sight.paid is None]
    policy = rules.policies.breaker
    told = standing.tells_of_accounts(connection)
    accounts = standing.newcomers(connection, "account", [asked.account_id for asked in claims]) if told else {}
    on_devices = [each.device_id for each in claims if each.device_id]
    if not told and not on_devices and len(claims) == len(sights):  # what most marketplaces can say at such a speed
        return [Claimed(at=asked.at, network=asked.network) for asked in claims]
    devices = standing.newcomers(connection, "device", on_devices) if on_devices else {}
    began = standing.progress(connection)[1]
    return [
        sight.paid
        or Claimed(
            at=sight.asked.at,
            new_account=_new(accounts.get(sight.asked.account_id), sight.asked.at, policy.new_accounts.days)
            if told
            else None,
            new_device=_new(devices.get(sight.asked.device_id, sight.asked.at), sight.asked.at, policy.new_devices.days)
            if sight.asked.device_id and _warm(began, sight.asked.at, policy.new_devices.warm_up_days)
            else None,
            network=sight.asked.network,
        )
        for sight in sights
    ]


def _new(first: datetime | None, at: datetime, days: int) -> bool:
    return first is not None and at - first <= timedelta(days=days)


def _warm(began: datetime | None, at: datetime, days: int) -> bool:
    return began is not None and at - began >= timedelta(days=days)
