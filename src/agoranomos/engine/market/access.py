"""Who reads people's data with good reason: partners whom it has business with, and staff who export.

An honest partner reads the same people again and again: as many reads a day as it has people, drawn from them, cover
63 % of the reads in a day, 14 % in seven days, 3 % in thirty (distinct people over reads).
"""

from __future__ import annotations

from typing import Any, Final

from agoranomos.engine.market import places
from agoranomos.engine.market.lives import Event, Life, say
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE, at_work, rfc3339
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.truth import lookalike
from agoranomos.engine.market.world import Partner, World

_SELLERS_PER_PARTNER: Final = 60
_TURN_DAYS: Final = 365
"""A contract runs for a year, then a new one is made."""
_GROWTH_PER_DAY: Final = 0.025
_PAGE: Final = 20
"""People asked for at once, at most."""
_EXPORTS_PER_DAY: Final = 0.3
_BUYERS_PER_CANARY: Final = 500
_PURPOSES: Final = (("fulfilment",), ("membership", "marketing"), ("after_sales",))


def partners(world: World) -> Life:
    """The partners, of whom the first grows and the second is the largest; they come when the stores are open."""
    yield world.start + HOUR
    for number in range(max(2, world.settings.sellers // _SELLERS_PER_PARTNER)):
        stream = world.root.child("partner").child(number)
        yield _partner(world, stream, world.start + stream.between(2 * HOUR, 10 * HOUR), number)


def _partner(world: World, stream: Stream, at: int, number: int) -> Life:
    yield at
    growing = number == 0
    partner = new_partner(world, stream, at, growing=growing)
    if number == 1:
        partner.people_max = float(world.settings.buyers)
        yield lookalike("heavy_partner", "principal", partner.principal_id, at)
    world.engage(partner, some_stores(world, stream))
    yield contracted(stream, partner, at)
    if growing:
        yield lookalike("growing_partner", "principal", partner.principal_id, at)
    day = 0
    while True:
        at += DAY
        yield at
        one = stream.child("day").child(day)
        if at >= partner.ends_at:
            partner.ends_at = at + _TURN_DAYS * DAY
            world.engage(partner, some_stores(world, one))
            yield contracted(one, partner, at)
        if growing:
            partner.people_max = min(world.settings.buyers // 4, partner.people_max * (1 + _GROWTH_PER_DAY))
        yield _working_day(one, partner, at_work(at, 8, 10))
        day += 1


def new_partner(world: World, stream: Stream, at: int, *, growing: bool = False) -> Partner:
    """A partner who works for no store yet."""
    people = 40.0 if growing else max(25.0, min(world.settings.buyers / 15.0, stream.lognormal(120.0, 0.5)))
    return Partner(
        principal_id=stream.token("n"),
        purposes=stream.choice(_PURPOSES),
        fields=("recipient", "district", "virtual_number"),
        people_max=people,
        ends_at=at + _TURN_DAYS * DAY,
        ip=places.site_network(stream),
    )


def some_stores(world: World, stream: Stream) -> frozenset[str]:
    """A tenth of the open stores, at least three and at most forty."""
    stores = world.shelves.stores
    return frozenset(store.store_id for store in stream.sample(stores, max(3, min(40, len(stores) // 10))))


def contracted(stream: Stream, partner: Partner, at: int) -> Event:
    """`partner.contracted`."""
    data = {
        "principal_id": partner.principal_id,
        "store_ids": sorted(partner.store_ids),
        "purposes": list(partner.purposes),
        "fields": list(partner.fields),
        "ends_at": rfc3339(partner.ends_at),
    }
    return say(stream, at, "partner.contracted", data)


def _working_day(stream: Stream, partner: Partner, at: int) -> Life:
    """As many reads as there are people, with repeats, page by page until the evening."""
    data: dict[str, Any] = {"account_id": partner.principal_id, "principal_kind": "partner", "ip": partner.ip}
    yield say(stream, at, "session.started", data)
    left = len(partner.people)
    pause = 9 * HOUR // (1 + left * 2 // _PAGE)
    while left > 0 and partner.people:
        at += stream.between(MINUTE, max(2 * MINUTE, 2 * pause))
        yield at
        page = [stream.choice(partner.people) for _ in range(min(left, stream.between(_PAGE // 4, _PAGE)))]
        left -= len(page)
        yield partner_read(stream, partner, at, page)


def partner_read(stream: Stream, partner: Partner, at: int, subject_ids: list[str]) -> Event:
    """`data.read` through the interface for partners."""
    data = {
        "principal_id": partner.principal_id,
        "principal_kind": "partner",
        "endpoint": "/partner/v2/customers",
        "subject_ids": subject_ids,
        "fields": list(partner.fields),
        "ip": partner.ip,
        "status": 200,
        "purpose": partner.purposes[0],
    }
    return say(stream, at, "data.read", data)


def canaries(world: World) -> Life:
    """Records, accounts and numbers that nobody has a reason to touch, and here nobody does."""
    stream = world.root.child("canaries")
    at = world.start
    number = 0
    while True:
        for _ in range(max(3, world.settings.buyers // _BUYERS_PER_CANARY)):
            kind = ("record", "number", "account")[number % 3]
            data = {"canary_id": stream.token("i"), "kind": kind}
            data |= {"number": stream.token("x")} if kind == "number" else {"subject_id": stream.token("a")}
            at += stream.between(MINUTE, 20 * MINUTE)
            yield say(stream, at, "canary.planted", data)
            number += 1
        at += 30 * DAY


def exports(world: World) -> Life:
    """Reports that leave the house: asked for, mostly approved by another, then read as a file."""
    day = 0
    while True:
        yield world.start + day * DAY
        stream = world.root.child("exports").child(day)
        if stream.chance(_EXPORTS_PER_DAY):
            yield _export(world, stream, at_work(world.start + day * DAY + stream.between(9 * HOUR, 18 * HOUR)))
        day += 1


def _export(world: World, stream: Stream, at: int) -> Life:
    asks, approves = stream.sample(world.staff, 2)
    export_id, count = stream.token("f"), stream.between(200, 5_000)
    data: dict[str, Any] = {
        "export_id": export_id,
        "principal_id": asks,
        "purpose": stream.choice(("annual_report", "tax_audit", "logistics_planning")),
        "fields": ["district", "order_count"],
        "destination_region": "CN",
        "subject_count": count,
    }
    yield say(stream, at, "export.requested", data)
    if stream.chance(0.1):
        return
    at = at_work(at + stream.between(HOUR, 20 * HOUR))
    yield say(stream, at, "export.approved", {"export_id": export_id, "staff_id": approves})
    at += stream.between(5 * MINUTE, 2 * HOUR)
    data = {
        "principal_id": asks,
        "principal_kind": "staff",
        "endpoint": "/reports/export",
        "subject_count": count,
        "fields": ["district", "order_count"],
        "export": True,
        "purpose": data["purpose"],
        "status": 200,
    }
    yield say(stream, at, "data.read", data)
    data = {"staff_id": asks, "action": "export", "target_kind": "export", "target_id": export_id}
    yield say(stream, at + stream.between(1, 900), "staff.acted", data)
