"""Buyers who look at other members: whose reviews they read, whose lists they follow.

Whom people look at is very uneven: a member's place among the popular is drawn evenly on a logarithmic scale, so that
the first percent gets nearly half of all looks, and most members hardly any.
"""

from __future__ import annotations

import math
from typing import Any, Final

from agoranomos.engine.market.lives import Event, Life, say
from agoranomos.engine.market.people import Buyer
from agoranomos.engine.market.rhythm import HOUR, MINUTE, SECOND, demand
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.world import World

VISITS_PER_BUYER_DAY: Final = 0.04
_LOOKS_MORE: Final = 4.0
"""Members that a visitor looks at beyond the first."""
AGENTS: Final = (
    "Shop/11.2 (Android 14)", "Shop/11.2 (iPhone; iOS 18)", "Shop/10.9 (HarmonyOS 5)", "Mozilla/5.0 (Windows NT 10.0)",
)  # fmt: skip


def looking(world: World) -> Life:
    """All visits to members' pages, hour by hour."""
    hourly = world.settings.buyers * VISITS_PER_BUYER_DAY
    hour = 0
    while True:
        at = world.start + hour * HOUR
        yield at
        stream = world.root.child("browsing").child(hour)
        for number in range(stream.poisson(hourly * demand(at))):
            one = stream.child(number)
            yield _visit(world, one, at + one.below(HOUR))
        hour += 1


def popular(world: World, stream: Stream) -> Buyer:
    """A member as people choose whom they look at."""
    accounts = world.buyers.accounts
    return accounts[int(math.exp(stream.random() * math.log(len(accounts)))) - 1]


def look(stream: Stream, data: dict[str, Any], subject_id: str, at: int) -> Event:
    """`data.read` of a member's page by whom `data` names."""
    page = {"principal_kind": "buyer", "endpoint": "/members/page", "fields": ["nickname", "reviews"], "status": 200}
    return say(stream, at, "data.read", {**data, **page, "subject_ids": [subject_id]})


def _visit(world: World, stream: Stream, at: int) -> Life:
    yield at
    buyer = world.buyers.orderer(stream)
    # Students and colleagues have what their site has installed.
    agent = Stream(buyer.key if buyer.home.kind not in ("campus", "office") else len(buyer.home.note)).choice(AGENTS)
    data = {
        "principal_id": buyer.account_id, "ip": buyer.network(stream), "device_id": buyer.device(stream),
        "user_agent": agent,
    }  # fmt: skip
    for _ in range(1 + stream.poisson(_LOOKS_MORE)):
        yield look(stream, data, popular(world, stream).account_id, at)
        at += stream.between(5 * SECOND, 3 * MINUTE)
        yield at
