"""Goods on their way, as it is told: a batch that something speaks against finds what came of it, then and later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import msgspec

from agoranomos.enforcement.asking import Needs
from agoranomos.engine.stream.ageing import Ageing
from agoranomos.engine.stream.monitor import Out
from agoranomos.goods.batches.flow import Flow, overturned_by
from agoranomos.goods.batches.model import Parcel, Share
from agoranomos.goods.batches.policy import Policy
from agoranomos.goods.batches.telling import Asked, actions_of, finding_of, taken_back, weights_of
from agoranomos.goods.batches.tracing import trace
from agoranomos.goods.evidence.scales import weigh
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.calendar import after, day_of, waking
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event

NAME: Final = "goods.batches"
_BY: Final = Actor("model", NAME)
VERSION: Final = "3"
LINES_MAX: Final = 50_000
"""Of orders, the newest; the trace of the store knows all."""
AGAIN: Final = timedelta(hours=1)
"""How soon a batch that is spoken against is traced again after something new came of it."""
EVENTS_MAX: Final = 20
HEARS: Final = (
    "goods.received", "batch.condemned", "testbuy.appraised", "listing.submitted", "listing.updated", "order.placed",
    "order.shipped", "order.delivered", "order.refunded", "case.decided",
)  # fmt: skip


class Episode(msgspec.Struct):
    """A batch that something speaks against: since when, how often it was said, and by which events.

    `asked`: what was asked for about which listing or order. `appraised`: the listings of the articles of it that were
    appraised as counterfeit, and when.
    """

    began_at: str
    revision: int
    event_ids: list[str]
    asked: dict[str, Asked] = {}
    appraised: dict[str, datetime] = {}


class _State(msgspec.Struct):
    flow: Flow
    episodes: dict[str, Episode]
    waiting: list[str]
    """Batches to be traced again."""
    alarm: datetime | None


class Redress(msgspec.Struct, frozen=True):
    """Orders placed so long before an article was appraised as counterfeit, and so long after it, are made good by the
    room of redress, which then tells the buyers.
    """

    before: timedelta = timedelta(days=180)
    after: timedelta = timedelta(days=30)


class BatchMonitor:
    """See `engine.stream.Monitor`. `needs` says which actions wait for a second person."""

    def __init__(self, policy: Policy, needs: Needs, redress: Redress = Redress()) -> None:  # noqa: B008 - frozen
        self.name = NAME
        self.version = f"{VERSION}:{policy.version}"
        self.hears = HEARS
        self._policy = policy
        self._needs = needs
        self._redress = redress
        self._known = _State(Flow(), {}, [], None)
        self._ages = Ageing[str]()

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """A batch, a listing, an order, or a verdict."""
        data, flow = event.data, self._known.flow
        match event.type:
            case "goods.received":
                if flow.receive(data, event.time).why == "inspection":
                    self._condemned(data["batch_id"], event, out)
            case "batch.condemned":
                if flow.condemn(data["batch_id"], "condemned", event.time):
                    self._condemned(data["batch_id"], event, out)
            case "testbuy.appraised":
                batch_id = data.get("batch_id")
                if batch_id and data["verdict"] == "counterfeit":
                    flow.tie(data["listing_id"], batch_id, event.time)
                    new = flow.condemn(batch_id, "appraisal", event.time, data["testbuy_id"])
                    if known := self._known.episodes.get(batch_id):
                        known.appraised[data["listing_id"]] = event.time
                    if new:
                        self._condemned(batch_id, event, out, appraised=data["listing_id"])
            case "case.decided":
                self._overturned(event, out)
            case "listing.submitted" | "listing.updated":
                if data.get("batch_id"):
                    flow.tie(data["listing_id"], data["batch_id"], event.time)
                    self._touched(data["listing_id"], event.time)
            case _:
                self._order(event)

    def due(self) -> datetime | None:
        """When something spoken of is to be traced again, or parcels are to be forgotten."""
        return self._known.alarm

    def wake(self, now: datetime, out: Out) -> None:
        """Traces again what was touched, and lets go what is old."""
        known = self._known
        for batch_id in sorted(set(known.waiting) & known.episodes.keys()):
            self._tell(batch_id, now, out)
        known.waiting = []
        oldest = after(now, -timedelta(days=self._policy.kept_days))
        parcels = known.flow.parcels
        for order_id in self._ages.until(day_of(oldest)):
            lines = parcels.get(order_id, ())
            if any(line.placed_at >= oldest for line in lines) or not _over(lines):
                self._ages.note(order_id, day_of(oldest))  # what is not over yet is looked at each day
            else:
                parcels.pop(order_id, None)
        known.alarm = waking(now, timedelta(days=1)) if parcels else None

    def state(self) -> bytes:
        """Batches, what they feed, and parcels."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)
        self._ages = Ageing()
        for order_id, lines in self._known.flow.parcels.items():
            self._ages.note(order_id, day_of(lines[0].placed_at) if lines else 0)

    def _order(self, event: Event) -> None:
        """Orders of what no batch feeds are remembered until they are shipped: only then is a batch named."""
        data, flow = event.data, self._known.flow
        order_id = data["order_id"]
        match event.type:
            case "order.placed":
                flow.place(data, event.time)
                self._ages.note(order_id, day_of(event.time))
                while len(flow.parcels) > LINES_MAX:
                    del flow.parcels[next(iter(flow.parcels))]
                self._known.alarm = self._known.alarm or waking(event.time, timedelta(days=1))
            case "order.shipped":
                flow.ship(data, event.time)
                lines = flow.parcels.get(order_id, [])
                if lines and not any(line.batch_id or line.listing_id in flow.ties for line in lines):
                    del flow.parcels[order_id]
            case "order.delivered":
                flow.deliver(order_id, event.time)
            case _:
                flow.refund(order_id, event.time)
        if self._known.episodes:
            for line in flow.parcels.get(order_id, ()):
                self._touched(line.listing_id, event.time)

    def _touched(self, listing_id: str, at: datetime) -> None:
        """Something of this listing has changed: what is spoken against and feeds it is traced again soon."""
        spoken = [name for name in self._known.flow.ties.get(listing_id, {}) if name in self._known.episodes]
        if spoken:
            self._known.waiting = [*dict.fromkeys((*self._known.waiting, *spoken))]
            again = after(at, AGAIN)
            self._known.alarm = min(self._known.alarm or again, again)

    def _overturned(self, event: Event, out: Out) -> None:
        """Batches against which an overturned appraisal spoke: what was done rests on the rest, or is taken back."""
        testbuy_id = overturned_by(event.data)
        for batch_id in self._known.flow.overturn(testbuy_id) if testbuy_id else ():
            episode = self._known.episodes.get(batch_id)
            if episode is None:
                continue
            episode.event_ids = [*dict.fromkeys((*episode.event_ids, event.id))][-EVENTS_MAX:]
            self._tell(batch_id, event.time, out)
            if self._known.flow.batches[batch_id].why is None:
                back = taken_back(
                    episode.asked.values(), event.data["case_id"], at=rfc3339(event.time), by=_BY, needs=self._needs
                )
                out.say(*back)
                del self._known.episodes[batch_id]

    def _made_good(self, batch_id: str, share: Share) -> bool:
        """Whether the room of redress tells the buyer: of orders of a listing that was appraised, and of those of one
        listing that were shipped from the batch."""
        appraised = self._known.episodes[batch_id].appraised
        lines = self._known.flow.parcels[share.order_id]
        placed = lines[0].placed_at
        sent = share.basis == "shipped" and len(lines) == 1
        return any(
            (sent or name in (line.listing_id for line in lines))
            and -self._redress.before <= placed - at <= self._redress.after
            for name, at in appraised.items()
        )

    def _condemned(self, batch_id: str, event: Event, out: Out, appraised: str | None = None) -> None:
        at = rfc3339(event.time)
        episode = self._known.episodes.setdefault(batch_id, Episode(at, 0, []))
        if appraised is not None:
            episode.appraised[appraised] = event.time
        episode.event_ids = [*dict.fromkeys((*episode.event_ids, event.id))][-EVENTS_MAX:]
        self._tell(batch_id, event.time, out)

    def _tell(self, batch_id: str, now: datetime, out: Out) -> None:
        episode = self._known.episodes[batch_id]
        episode.revision += 1
        found = trace(self._known.flow, batch_id)
        finding = finding_of(
            found, self._policy, at=rfc3339(now), began_at=episode.began_at, revision=episode.revision,
            version=self.version, event_ids=tuple(episode.event_ids),
        )  # fmt: skip
        elsewhere = partial(self._made_good, batch_id)
        out.say(finding, *actions_of(found, finding, self._policy, self._needs, _BY, episode.asked, elsewhere))
        weigh(out, *weights_of(found, self._policy, now))


def _over(lines: Sequence[Parcel]) -> bool:
    return all(line.stage in ("delivered", "cancelled") or line.refunded_at is not None for line in lines)
