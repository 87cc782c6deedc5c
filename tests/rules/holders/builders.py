"""A small market in the log, a rule that asks many features, and holders that answer in a thread."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from agoranomos.engine.features.sharing import Share
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.consulting import Consulted
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.store import Store
from agoranomos.rules import actions
from agoranomos.rules.following import Following
from agoranomos.rules.holders.addresses import Address
from agoranomos.rules.holders.asking import Holders
from agoranomos.rules.holders.elsewhere import Elsewhere
from agoranomos.rules.holders.holder import Holder
from agoranomos.rules.holders.serving import Door, serve
from agoranomos.rules.written import Written, read_rules
from tests.builders import NOW
from tests.engine.market.builders import make_market, make_settings
from tests.rules.builders import ADA, BOB
from tests.rules.written_rules import service_of

CHECK = "listing"
SECRET = b"s" * 32
PATIENCE_S = 30.0
FEATURES = """
- {name: listings_1d, aggregate: count, event: [listing.submitted, listing.updated], by: [store_id], window: 1d}
- {name: listings_6h, aggregate: count, event: listing.submitted, by: [store_id], window: 6h}
- {name: kinds_1d, aggregate: count_distinct, field: category, event: listing.submitted, by: [store_id], window: 1d}
- {name: last_title, aggregate: last, field: title, event: listing.submitted, by: [store_id], window: 3d}
- {name: dearest_2d, aggregate: max, field: price, currency: CNY, event: listing.submitted, by: [store_id], window: 2d}
- {name: asked_1d, aggregate: avg, field: price, currency: CNY, event: listing.submitted, by: [brand], window: 1d}
- {name: dear_3d, aggregate: ratio, share: price.amount > 20000, event: listing.submitted, by: [category], window: 3d}
- {name: sold_5d, aggregate: sum, field: paid, currency: CNY, event: order.placed, by: [store_id], window: 5d}
"""
RULE = """
- id: goods.everything
  desk: goods
  listens: listing
  when: listings_1d(store_id) > 0 OR listings_6h(store_id) > 0 OR kinds_1d(store_id) > 0 OR last_title(store_id) = 'x'
    OR dearest_2d(store_id) > 0 OR asked_1d(brand) > 0 OR dear_3d(category) > 0 OR sold_5d(store_id) > 0
  outcome: review
  score: 0.6
  reason: {en: "Many.", zh: "很多。"}
  subject: {kind: store, field: store_id}
  owner: risk
  hits: [{time: 2026-05-01T08:00:00Z, data: {listing_id: l1, store_id: s1, title: Shoes,
    price: {amount: 9900, currency: CNY}}, features: {"listings_1d(s1)": 1}}]
  misses: [{time: 2026-05-01T08:00:00Z, data: {listing_id: l1, store_id: s1, title: Shoes,
    price: {amount: 9900, currency: CNY}}, features: {"listings_1d(s1)": 0}}]
"""
TYPES = ("listing.submitted", "listing.updated", "order.placed")


@lru_cache(maxsize=1)
def market() -> list[Event]:
    """What was listed and bought in a small market."""
    made = make_market(make_settings(days=4, sellers=10, buyers=200)).of(*TYPES)
    return [
        parse_event({
            "id": each.id, "source": each.source, "type": each.type,
            "time": rfc3339(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=each.at)), "data": each.data,
        })
        for each in made
    ]  # fmt: skip


def go_live(store: Store, text: str = RULE, features: str = FEATURES) -> list[Written]:
    """The rule, all the way to live."""
    rules = read_rules([("features", features), ("rule", text)], ())
    service_of(store).propose(rules, by=ADA, shadow=True)
    for each in rules:
        with store.transaction() as connection:
            asked = actions.ask_promotion(connection, each.rule.id, by=ADA, now=NOW)
            actions.approve(connection, asked.approval_id, by=BOB, now=NOW)
    return rules


def holder_of(store: Store, share: Share, folder: Path, **fields: Any) -> Holder:
    """One that has counted all of the log."""
    made = Holder(store, (CHECK,), lambda: NOW, share, folder, poll_s=0.01, **fields)
    made.refresh()
    return made


@contextmanager
def serving(holder: Holder, address: Address, secret: bytes = SECRET) -> Iterator[Door]:
    """Follows the log and answers in a thread."""
    begun, loops = threading.Event(), list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]()
    door = Door(address, holder.answer, secret, draw_bytes())

    async def run() -> None:
        loops.append((asyncio.get_running_loop(), asyncio.Event()))
        await serve(holder, door, begun.set, loops[0][1])

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    assert begun.wait(PATIENCE_S)
    try:
        yield door
    finally:
        loop, stopped = loops[0]
        loop.call_soon_threadsafe(stopped.set)
        thread.join()


def sockets(folder: Path) -> Iterator[Address]:
    """Names of sockets that nobody else has; short, since they have a hundred bytes."""
    for number in itertools.count():
        yield Address(path=str(folder / str(number)))


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a short name."""
    with tempfile.TemporaryDirectory(prefix="agora-") as name:
        yield Path(name)


@contextmanager
def held(store: Store, parts: int, folder: Path, *, deadline_s: float = PATIENCE_S) -> Iterator[Elsewhere]:
    """The rules of the check, with every part held by somebody; `folder` is where they keep it."""
    with ExitStack() as stack:
        names = sockets(stack.enter_context(short_folder()))
        addresses = []
        for part in range(1, parts + 1):
            addresses.append([next(names)])
            holder = holder_of(store, Share(part, parts), folder)
            stack.enter_context(serving(holder, addresses[-1][0]))
            stack.callback(holder.keep)
        yield stack.enter_context(asking(store, addresses, deadline_s=deadline_s))


@contextmanager
def asking(
    store: Store, addresses: Sequence[Sequence[Address]], *, secret: bytes = SECRET, deadline_s: float = PATIENCE_S
) -> Iterator[Elsewhere]:
    """A process that asks them."""
    holders = Holders(addresses, secret, draw_bytes(), deadline_s=deadline_s)
    made = Elsewhere(store, (CHECK,), lambda: NOW, holders)
    made.refresh()
    try:
        yield made
    finally:
        holders.close()


def draw_bytes() -> Any:
    """Bytes that are never the same."""
    numbers = itertools.count(1)
    return lambda size: next(numbers).to_bytes(size, "big")


def at_home(store: Store) -> Following:
    """A process that counts everything itself."""
    one = Following(store, (CHECK,), lambda: NOW)
    one.refresh()
    return one


def moments(count: int = 60) -> list[Event]:
    """Listings to be checked, none of which is in the log: at moments of the newest, between them, and later."""
    listed = [each for each in market() if each.type == "listing.submitted"]
    made = []
    for number, event in enumerate(listed[-count:]):
        shift = timedelta(hours=(0, 1, 7, 30)[number % 4], microseconds=number % 3)
        newest = max(event.time, listed[-1].time)
        made.append(
            parse_event({
                "id": f"check-{number}", "source": "shop", "type": event.type, "time": rfc3339(newest + shift),
                "data": {**event.data, "listing_id": f"new-{number}"},
            })
        )  # fmt: skip
    return made


def all_said(one: Following | Elsewhere, events: Sequence[Event]) -> list[Consulted]:
    """What is said of each."""
    return [one.ask(CHECK, event, {}) for event in events]
