"""One team works for many stores: it signs in as each of them, takes orders and reviews away, and calls bad reviewers.

Merchants gave it their logins and pay it; it reads the bad reviews, joins them with the orders, and calls the authors
until most of them delete. Beside it, honest agencies sign in for as many stores, take the orders away for shipping, and
are paid; they call nobody.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from agoranomos.engine.market import places
from agoranomos.engine.market.access import contracted
from agoranomos.engine.market.lives import Event, Life, cny, say
from agoranomos.engine.market.merchants import AGENT
from agoranomos.engine.market.plots.clients import client, customers
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE, at_work
from agoranomos.engine.market.shops import Store
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.trade import Order
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import Partner, World

_DELETED: Final = 0.55
_RAISED: Final = 0.15
"""Of those who are called."""


class HiredOperator(msgspec.Struct, frozen=True):
    """See the module. From day `day` (from 0) on; `stores` of the team with `bad` bad reviews each, of `calls` in a
    hundred authors are called; `agencies` honest ones, every second with a contract, with as many stores each.
    """

    day: int = 9
    stores: int = 6
    bad: int = 10
    calls: int = 80
    agencies: int = 2
    name: str = "hired-operator"
    desk: str = "reviews"
    about: str = "a team signs in for many stores, takes orders and reviews, and calls bad reviewers until they delete"

    def plant(self, world: World, stream: Stream) -> Life:
        """The team, and the agencies."""
        for number in range(1 + self.agencies):
            yield self._house(world, stream.child("house").child(number), number)

    def _house(self, world: World, stream: Stream, number: int) -> Life:
        honest = number > 0
        device, network, payee = stream.token("d"), places.site_network(stream), stream.token("a")
        clients = []
        for shop in range(self.stores):
            goods, opening = client(world, stream.child("client").child(shop))
            clients.append(goods)
            yield opening
        begins = world.start + self.day * DAY
        yield min(world.start, begins - 9 * DAY)
        for shop, goods in enumerate(clients):
            yield self._client(world, stream.child("work").child(shop), goods, (device, network, payee), honest)
        if honest and number % 2:
            stores = frozenset(store.store_id for store, _ in clients)
            partner = Partner(
                stream.token("n"),
                ("fulfilment",),
                ("recipient", "district"),
                500.0,
                begins + 300 * DAY,
                network,
                stores,
            )
            yield contracted(stream, partner, begins - 8 * DAY)
        kind, plot_role = ("lookalike", "innocent") if honest else ("plot", "operator")
        yield self._row(kind, "device", device, plot_role, begins)
        yield self._row(kind, "account", payee, "innocent" if honest else "service", begins)

    def _client(
        self, world: World, stream: Stream, goods: tuple[Store, Any], team: tuple[str, str, str], honest: bool
    ) -> Life:  # fmt: skip
        store, (device, network, payee) = goods[0], team
        begins = world.start + self.day * DAY
        complaints = []
        for order, review, life in customers(world, stream, goods, begins - 9 * DAY, self.bad, self.bad * 2):
            complaints.append((review, order))
            yield life
        at = begins + stream.between(0, 10 * HOUR)
        at = at_work(at) if honest else at
        yield at
        yield say(stream, at, "session.started", {
            "account_id": store.account_id, "principal_kind": "merchant", "store_id": store.store_id,
            "device_id": device, "ip": network, "user_agent": AGENT,
        })  # fmt: skip
        yield _taken(stream, store, device, at + 5 * MINUTE, "/orders/export", self.bad * 3)
        yield say(stream, at + HOUR, "payment.made", {
            "from_store_id": store.store_id, "to_account_id": payee, "amount": cny(90_000), "note": "服务费",
        })  # fmt: skip
        if honest:
            return
        yield self._row("plot", "store", store.store_id, "client", at)
        yield _taken(stream, store, device, at + 2 * HOUR, "/reviews/export", self.bad * 3)
        for number, (review, order) in enumerate(complaints[: self.bad]):
            one = stream.child("call").child(number)
            if one.below(100) < self.calls:
                yield self._called(one, store, review, order, at + 4 * HOUR + one.below(3 * DAY))

    def _called(self, stream: Stream, store: Store, review: Event, order: Order, at: int) -> Life:
        yield at
        for _ in range(stream.between(1, 3)):
            yield say(stream, at, "contact.made", {
                "store_id": store.store_id, "channel": "call", "direction": "to_buyer", "order_id": order.order_id,
                "account_id": order.buyer.account_id, "duration_s": stream.between(20, 400),
            })  # fmt: skip
            at += stream.between(HOUR, 8 * HOUR)
            yield at
        at += stream.between(HOUR, 40 * HOUR)
        drawn, review_id = stream.random(), review.data["review_id"]
        if drawn >= _DELETED + _RAISED:
            return
        yield self._row("plot", "review", review_id, "pressed", at, f"rating {review.data['rating']}")
        if drawn < _DELETED:
            yield say(stream, at, "review.deleted", {"review_id": review_id, "by": "author"})
        else:
            yield say(stream, at, "review.edited", {"review_id": review_id, "by": "author", "rating": 5})

    def _row(self, kind: Any, subject_kind: str, subject_id: str, role: str, at: int, notes: str = "") -> Truth:
        return Truth(
            kind=kind, subject_kind=subject_kind, subject_id=subject_id, plot=self.name, role=role, started_at=at,
            notes=notes,
        )  # fmt: skip


def _taken(stream: Stream, store: Store, device: str, at: int, endpoint: str, people: int) -> Event:
    """A file that leaves."""
    return say(stream, at, "data.read", {
        "principal_id": store.account_id, "principal_kind": "merchant", "endpoint": endpoint,
        "subject_count": people, "fields": ["recipient", "district"] if "orders" in endpoint else ["review", "rating"],
        "device_id": device, "store_id": store.store_id, "export": True, "status": 200,
    })  # fmt: skip
