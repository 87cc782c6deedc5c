"""Buyers and the homes they share: households, campuses, offices, villages with one operator, carriers' customers.

How much a buyer orders is Gamma distributed over people (counts are then negative binomial) with a Pareto tail of
bulk buyers; how many coupons one claims likewise, with hunters at the end of the tail.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Final, Literal

import msgspec

from agoranomos.engine.market import places
from agoranomos.engine.market.lives import Life, say
from agoranomos.engine.market.rhythm import DAY, HOUR
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.truth import Truth, lookalike

HomeKind = Literal["household", "carrier", "campus", "office", "village"]
_KINDS: Final[tuple[HomeKind, ...]] = ("household", "carrier", "campus", "office", "village")
_SHARES: Final = (0.45, 0.30, 0.12, 0.10, 0.03)
"""Of accounts."""
_GATEWAYS: Final = 64
"""Of the mobile carriers, behind which the customers change places."""
_FIRST_DEVICE: Final = 0.88
_BULK_SHARE: Final = 0.002
_HUNTER_SHARE: Final = 0.0004
_ORDER_SHAPE: Final = 0.6
_CLAIM_SHAPE: Final = 0.35
"""With .35 claims per person and month: median of those who claim 1, 99th percentile about 5."""
_LIKENESS: Final[dict[HomeKind, str]] = {
    "household": "family",
    "campus": "campus",
    "office": "office",
    "village": "rural_agency",
}
CHURN_PER_DAY: Final = 0.001
"""Share of the buyers who leave on a day, and are followed by new ones."""
REGISTERED_WITHIN_DAYS: Final = 1_000
"""The buyers of the first day registered within so many days before."""


class Home(msgspec.Struct, frozen=True, gc=False):
    """What those who live or work together share. `device_id` is "" where each has his own; in a village it is the
    operator's, as is `payer_token`. `note` is its id in the truth.
    """

    kind: HomeKind
    network: str
    district: str
    device_id: str = ""
    payer_token: str = ""
    note: str = ""


class Buyer(msgspec.Struct, frozen=True, gc=False):
    """An account. `key` is that of its stream; tokens are derived from it when they are asked for."""

    account_id: str
    key: int
    home: Home
    orders: float
    """Relative number of orders, mean about 1."""
    claims: float
    """Relative number of coupons claimed."""
    bulk: bool = False

    def token(self, kind: str) -> str:
        """The token of the account's `phone`, `recipient`, `payer`, `identity` or `kin` (a relative's phone)."""
        if kind == "payer" and self.home.payer_token:
            return self.home.payer_token
        if kind == "recipient" and self.home.kind == "household" and self.home.device_id:
            return self.home.note.replace("h", "t", 1)  # parcels of the family are for one name
        return Stream(self.key).child(kind).token("t")

    def device(self, stream: Stream) -> str:
        """The device it uses now: the shared one, or mostly its first and at times its second (drawn from `stream`)."""
        if self.home.device_id:
            return self.home.device_id
        return Stream(self.key).child("first" if stream.random() < _FIRST_DEVICE else "second").token("d")

    def network(self, stream: Stream) -> str:
        """The internet address it has now: at home, or one of its carrier's gateways (drawn from `stream`)."""
        if self.home.kind == "carrier" or stream.random() < 0.2:
            return places.carrier_network(stream, _GATEWAYS)
        return self.home.network


def new_buyer(stream: Stream, home: Home) -> Buyer:
    """An account in `home`; all about it follows from `stream`."""
    orders, claims = stream.gamma(_ORDER_SHAPE), stream.gamma(_CLAIM_SHAPE)
    bulk = stream.chance(_BULK_SHARE)
    if bulk:
        orders = stream.pareto(12.0, 1.6)
    if stream.chance(_HUNTER_SHARE):
        claims = stream.pareto(60.0, 2.5)
    if home.kind == "campus":
        claims *= 2.0
    return Buyer(stream.token("a"), stream.key, home, min(orders, 150.0), min(claims, 300.0), bulk)


def new_home(stream: Stream, kind: HomeKind, people: int = 1) -> Home:
    """A home of `people` somewhere in the country; some families share one device."""
    where = places.place(stream)
    network = places.home_network(stream) if kind in ("household", "village") else places.site_network(stream)
    device = (
        stream.token("d") if kind == "village" or (kind == "household" and people > 1 and stream.chance(0.4)) else ""
    )
    payer = stream.token("t") if kind == "village" else ""
    return Home(kind, network, where.area, device, payer, stream.token("h"))


def registration(stream: Stream, buyer: Buyer, at: int, referrer: str | None = None) -> Life:
    """`account.registered`."""
    data = {
        "account_id": buyer.account_id,
        "phone_token": buyer.token("phone"),
        "device_id": buyer.device(stream),
        "ip": buyer.network(stream),
    }
    if referrer is not None:
        data["referrer"] = referrer
    if stream.chance(0.6):
        data["id_number_token"] = buyer.token("identity")
    yield say(stream, at, "account.registered", data)


class Buyers:
    """The accounts that are in use, always as many; a new one takes the place of one that left."""

    def __init__(self, stream: Stream, count: int) -> None:
        self._stream = stream
        self._count = count
        self.accounts = _settle(stream.child("settling"), count)
        self._order = _shuffled(stream.child("registering"), count)
        self.campuses = _campuses(self.accounts)
        self.weigh()

    def weigh(self) -> None:
        """Makes those who came lately count in `orderer` and `claimer`."""
        self._by_orders = list(accumulate(buyer.orders for buyer in self.accounts))
        self._by_claims = list(accumulate(buyer.claims for buyer in self.accounts))

    def orderer(self, stream: Stream) -> Buyer:
        """Who orders next."""
        return stream.pick(self.accounts, self._by_orders)

    def claimer(self, stream: Stream) -> Buyer:
        """Who claims a coupon next."""
        return stream.pick(self.accounts, self._by_claims)

    def past(self, start: int) -> Life:
        """The registrations of the accounts of the first day, spread evenly over the days before."""
        span = REGISTERED_WITHIN_DAYS * DAY
        before: Buyer | None = None
        for place, slot in enumerate(self._order):
            buyer = self.accounts[slot]
            stream = Stream(buyer.key).child("registration")
            at = start - span + span * place // self._count + stream.below(max(1, span // self._count))
            invited = before.account_id if before is not None and stream.chance(0.1) else None
            yield from registration(stream, buyer, at, invited)
            yield from _likenesses(buyer, at)
            before = buyer

    def daily(self, start: int) -> Life:
        """Every day some leave without a word and others register."""
        day = 0
        while True:
            yield start + day * DAY
            stream = self._stream.child("churn").child(day)
            for number in range(stream.poisson(self._count * CHURN_PER_DAY)):
                yield self._newcomer(stream.child(number), start + day * DAY)
            self.weigh()
            day += 1

    def _newcomer(self, stream: Stream, day: int) -> Life:
        at = day + stream.between(7 * HOUR, DAY - 1)
        yield at
        home = new_home(stream, "household" if stream.chance(0.6) else "carrier")
        buyer = new_buyer(stream.child("person"), home)
        friend = self.orderer(stream) if stream.chance(0.25) else None
        self.accounts[stream.below(self._count)] = buyer
        yield from registration(stream, buyer, at, friend.account_id if friend else None)
        yield from _likenesses(buyer, at)


def _settle(stream: Stream, count: int) -> list[Buyer]:
    """`count` buyers, home by home."""
    accounts: list[Buyer] = []
    sites = dict.fromkeys(_KINDS, 0)
    for kind, share in zip(_KINDS, _SHARES, strict=True):
        wanted = round(count * share)
        while wanted > 0:
            one = stream.child(kind).child(sites[kind])
            sites[kind] += 1
            size = min(wanted, _size(one, kind, count))
            home = new_home(one, kind, size)
            accounts += [new_buyer(one.child(member), home) for member in range(size)]
            wanted -= size
    return accounts[:count] + [
        new_buyer(stream.child("rest").child(number), new_home(stream.child("rest").child(number), "carrier"))
        for number in range(count - len(accounts))
    ]


def _size(stream: Stream, kind: HomeKind, count: int) -> int:
    largest = max(4, count // 25)
    match kind:
        case "household":
            return 1 + stream.poisson(0.9)
        case "carrier":
            return 1
        case "campus":
            return min(largest, stream.between(80, 400))
        case "office":
            return min(largest, stream.between(5, 60))
        case "village":
            return min(largest, stream.between(8, 40))


def _shuffled(stream: Stream, count: int) -> list[int]:
    order = list(range(count))
    stream.shuffle(order)
    return order


def _campuses(accounts: list[Buyer]) -> list[list[Buyer]]:
    by_home: dict[str, list[Buyer]] = {}
    for buyer in accounts:
        if buyer.home.kind == "campus":
            by_home.setdefault(buyer.home.note, []).append(buyer)
    return list(by_home.values())


def _likenesses(buyer: Buyer, at: int) -> list[Truth]:
    """What an honest buyer may be mistaken for."""
    rows = []
    shares_device = buyer.home.kind != "household" or buyer.home.device_id
    if (likeness := _LIKENESS.get(buyer.home.kind)) and shares_device:
        rows.append(lookalike(likeness, "account", buyer.account_id, at, buyer.home.note))
    if buyer.bulk:
        rows.append(lookalike("bulk_buyer", "account", buyer.account_id, at))
    if buyer.claims >= 60.0:
        rows.append(lookalike("coupon_hunter", "account", buyer.account_id, at))
    return rows
