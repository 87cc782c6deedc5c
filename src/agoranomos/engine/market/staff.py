"""Clerks of the platform: shifts, queues, cases, and what else they touch.

Among them an honest one who clears nearly everything, because his queue is the easy one, and one who does twice the
work of the others.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from agoranomos.engine.market.catalogue import take_off
from agoranomos.engine.market.lives import Life, say
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE, SECOND
from agoranomos.engine.market.shops import Listing, Store
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.truth import lookalike
from agoranomos.engine.market.world import World

_SHIFTS: Final = (7, 9, 9, 13, 15)
"""Hours at which shifts of nine hours begin."""
_CASES_PER_SHIFT: Final = 9.0
_UPHELD: Final = {"account": 0.06, "listing": 0.012, "store": 0.004}
_UPHELD_EASY: Final = 0.003
_APPEALED: Final = 0.2
_OVERTURNED: Final = 0.25
_REVEALS_PER_SHIFT: Final = 0.5
_CLAUSES: Final = (
    "3.1 misleading description",
    "4.2 prohibited goods",
    "5.4 abuse of the service",
    "6.1 false identity",
)


class Clerk(msgspec.Struct, frozen=True):
    """Someone of the staff: the queue worked on, the hour the shift begins, cases per shift."""

    staff_id: str
    queue: str
    shift: int
    pace: float

    def upheld(self, kind: str) -> float:
        """Share of cases on a subject of `kind` that are upheld."""
        return _UPHELD_EASY if self.queue == "names" else _UPHELD[kind]


def clerks(world: World) -> list[Clerk]:
    """The staff; the first works the easy queue, the second is the busy one."""
    found = []
    for number, staff_id in enumerate(world.staff):
        stream = world.root.child("clerk").child(number)
        queue = "names" if number == 0 else stream.choice(("listings", "accounts", "mixed"))
        pace = _CASES_PER_SHIFT * (2.5 if number == 0 else 2.0 if number == 1 else stream.lognormal(1.0, 0.2))
        found.append(Clerk(staff_id, queue, stream.choice(_SHIFTS), pace))
    return found


def working(world: World) -> Life:
    """All clerks, day by day."""
    staff = clerks(world)
    yield world.start
    yield lookalike("easy_queue", "staff", staff[0].staff_id, world.start)
    yield lookalike("busy_colleague", "staff", staff[1].staff_id, world.start)
    day = 0
    while True:
        yield world.start + day * DAY
        for number, clerk in enumerate(staff):
            if (day + number) % 7 < 5:
                stream = world.root.child("shift").child(number).child(day)
                yield _shift(world, stream, clerk, world.start + day * DAY + clerk.shift * HOUR)
        if day % 7 == 2:
            yield _housekeeping(world, world.root.child("housekeeping").child(day), world.start + day * DAY + 10 * HOUR)
        day += 1


def _shift(world: World, stream: Stream, clerk: Clerk, at: int) -> Life:
    at += stream.below(20 * MINUTE)
    yield at
    data: dict[str, Any] = {"account_id": clerk.staff_id, "principal_kind": "staff", "ip": "10.20.0.1"}
    yield say(stream, at, "session.started", data)
    for number in range(stream.poisson(clerk.pace)):
        one = stream.child(number)
        yield _case(world, one, clerk, at + one.between(2 * MINUTE, 8 * HOUR))
    for number in range(stream.poisson(_REVEALS_PER_SHIFT)):
        one = stream.child("reveal").child(number)
        yield _reveal(world, one, clerk, at + one.between(2 * MINUTE, 8 * HOUR))


def _subject(world: World, stream: Stream, clerk: Clerk) -> tuple[str, str, Store | None, Listing | None]:
    """Kind and id of what a case is about, with store and listing where it has them."""
    about = {"listings": 0.15, "accounts": 0.9, "names": 1.0, "mixed": 0.5}[clerk.queue]
    drawn = stream.random()
    found = world.shelves.anything(stream) if drawn >= about else None
    if found is None:
        return "account", world.buyers.orderer(stream).account_id, None, None
    store, listing = found
    if stream.chance(0.2):
        return "store", store.store_id, store, None
    return "listing", listing.listing_id, store, listing


def _case(world: World, stream: Stream, clerk: Clerk, at: int) -> Life:
    yield at
    kind, subject_id, store, listing = _subject(world, stream, clerk)
    case_id = stream.token("case-")
    upheld = stream.chance(clerk.upheld(kind))
    acted = {
        "staff_id": clerk.staff_id,
        "action": "case.decide" if upheld else "case.clear",
        "target_kind": kind,
        "target_id": subject_id,
        "case_id": case_id,
        "reason": f"queue {clerk.queue}",
    }
    yield say(stream, at, "staff.acted", acted)
    decided: dict[str, Any] = {
        "case_id": case_id,
        "subject": {"kind": kind, "id": subject_id},
        "outcome": "upheld" if upheld else "rejected",
        "clause": stream.choice(_CLAUSES),
    }
    if store is not None:
        decided |= {"seller_id": store.seller_id, "store_id": store.store_id}
    yield say(stream, at + stream.between(100, 2_000), "case.decided", decided)
    if not upheld:
        return
    if store is not None and listing is not None and listing.on_sale:
        take_off(store, listing)
        data = {"listing_id": listing.listing_id, "by": "platform"}
        yield say(stream, at + 2_500, "listing.removed", data)
    if stream.chance(_APPEALED):
        yield _appeal(world, stream.child("appeal"), decided, at, store, listing)


def _appeal(
    world: World, stream: Stream, decided: dict[str, Any], at: int, store: Store | None, listing: Listing | None
) -> Life:
    """The one concerned appeals; another clerk decides."""
    filed = at + stream.between(2 * HOUR, 5 * DAY)
    data = {"appeal_id": stream.token("appeal-"), "case_id": decided["case_id"], "statement": "请复核，附上进货凭证"}
    yield say(stream, filed, "appeal.filed", data)
    at = filed + stream.between(4 * HOUR, 6 * DAY)
    yield at
    if not stream.chance(_OVERTURNED):
        data = {"staff_id": world.clerk(stream), "action": "case.decide", "target_kind": "case",
                "target_id": decided["case_id"], "reason": "appeal rejected"}  # fmt: skip
        yield say(stream, at, "staff.acted", data)
        return
    case_id = stream.token("case-")
    again = {**decided, "case_id": case_id, "outcome": "overturned", "overturns": decided["case_id"]}
    yield say(stream, at, "case.decided", again)
    if listing is not None and store is not None and store.alive and not listing.on_sale:
        listing.on_sale = True
        store.listings.append(listing)
        data = {"staff_id": world.clerk(stream), "action": "listing.restore", "target_kind": "listing",
                "target_id": listing.listing_id, "case_id": case_id}  # fmt: skip
        yield say(stream, at + stream.between(SECOND, MINUTE), "staff.acted", data)


def _reveal(world: World, stream: Stream, clerk: Clerk, at: int) -> Life:
    """A clerk needs to see what is behind a token, for a case or a caller."""
    yield at
    buyer = world.buyers.orderer(stream)
    acted = {
        "staff_id": clerk.staff_id,
        "action": "data.reveal",
        "target_kind": "account",
        "target_id": buyer.account_id,
        "reason": stream.choice(("buyer on the phone", "identity check", "court order")),
    }
    yield say(stream, at, "staff.acted", acted)
    read = {
        "principal_id": clerk.staff_id,
        "principal_kind": "staff",
        "endpoint": "/vault/reveal",
        "subject_ids": [buyer.account_id],
        "fields": ["phone"],
        "purpose": acted["reason"],
        "status": 200,
    }
    yield say(stream, at + stream.between(100, 2_000), "data.read", read)


def _housekeeping(world: World, stream: Stream, at: int) -> Life:
    """Once a week a rule is changed, and now and then a role is given."""
    who, whom = stream.sample(world.staff, 2)
    at += stream.below(6 * HOUR)
    data = {"staff_id": who, "action": "rule.change", "target_kind": "rule", "target_id": f"rule-{stream.below(40)}"}
    yield say(stream, at, "staff.acted", data)
    action = ("role.grant", "staff") if stream.chance(0.3) else ("other", "queue")
    data = {"staff_id": who, "action": action[0], "target_kind": action[1], "target_id": whom}
    yield say(stream, at + stream.between(MINUTE, HOUR), "staff.acted", data)
