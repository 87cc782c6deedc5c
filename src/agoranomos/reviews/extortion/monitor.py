"""Watches bad reviews that are taken back when somebody has paid: `reviews.extortion`.

Nothing wakes it: what is to be said is said when a review is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.calendar import after, day_of
from agoranomos.kernel.events import Event
from agoranomos.reviews.extortion.judging import Judged, judged, together
from agoranomos.reviews.extortion.model import Episode, Gain, Signs
from agoranomos.reviews.extortion.policy import Policy
from agoranomos.reviews.extortion.telling import NAME, VERSION, told
from agoranomos.reviews.standing import Bad, Ended, Standing

HEARS: Final = (
    "contact.made", "harassment.reported", "order.refunded", "payment.made", "return.requested", "review.deleted",
    "review.edited", "review.posted", "session.started", "store.opened",
)  # fmt: skip
_SWEPT_DAYS: Final = 7
_EVENTS_KEPT: Final = 20
"""Of what was gained by one review."""


class _State(msgspec.Struct):
    standing: Standing
    signs: dict[str, Signs] = msgspec.field(default_factory=dict)
    sellers: dict[str, str] = msgspec.field(default_factory=dict)
    merchants: dict[str, str] = msgspec.field(default_factory=dict)
    """Account → the store that it signs in for."""
    devices: dict[str, list[str]] = msgspec.field(default_factory=dict)
    """Device → authors of bad reviews who signed in from it."""
    episodes: dict[str, Episode] = msgspec.field(default_factory=dict)
    said: dict[str, tuple[int, float, list[str]]] = msgspec.field(default_factory=dict)
    """First account → how often it was said, how surely, and of which reviews."""
    swept: int = 0


class ExtortionMonitor:
    """See `engine.stream.Monitor`."""

    def __init__(self, policy: Policy) -> None:
        self.name = NAME
        self.version = f"{VERSION}:{policy.version}"
        self.hears: Iterable[str] = HEARS
        self._policy = policy
        self._lasts = timedelta(hours=policy.hours_max)
        self._many = policy.device_accounts_max
        self._known = _State(Standing())

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """Bad reviews, and what comes between them and their end."""
        known, data = self._known, event.data
        match event.type:
            case "session.started":
                self._session(event)
            case "review.posted":
                known.standing.posted(event, self._policy.rating_max)
                self._sweep(event.time)
            case "review.edited" | "review.deleted":
                self._changed(event, out)
            case "payment.made":
                self._paid(event)
            case "order.refunded" | "return.requested":
                self._order(event)
            case "contact.made":
                for bad in known.standing.meant(data, data["store_id"], data.get("account_id")):
                    signs = self._signs(bad)
                    signs.first = signs.first or ("author" if data["direction"] == "to_store" else "store")
            case "harassment.reported":
                for bad in known.standing.meant(data, data["store_id"], data["buyer_id"]):
                    self._signs(bad).harassed = True
            case _:
                known.sellers[data["store_id"]] = data["seller_id"]

    def due(self) -> datetime | None:
        """Never."""
        return None

    def wake(self, now: datetime, out: Out) -> None:
        """Is not woken."""

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)

    def _session(self, event: Event) -> None:
        known, data = self._known, event.data
        if data["principal_kind"] == "merchant":
            if data.get("store_id"):
                known.merchants[data["account_id"]] = data["store_id"]
        elif data["account_id"] in known.standing.by_author and data.get("device_id"):
            accounts = known.devices.setdefault(data["device_id"], [])
            if data["account_id"] not in accounts and len(accounts) <= self._many:
                accounts.append(data["account_id"])

    def _signs(self, bad: Bad) -> Signs:
        return self._known.signs.setdefault(bad.review_id, Signs(event_ids=[]))

    def _paid(self, event: Event) -> None:
        """Money from a store, or from somebody who signs in for it."""
        known, data = self._known, event.data
        store_id = data.get("from_store_id") or known.merchants.get(data.get("from_account_id") or "")
        if store_id is None:
            return
        for bad in known.standing.of(data["to_account_id"], store_id):
            signs = self._signs(bad)
            signs.paid_at, signs.paid = signs.paid_at or event.time, signs.paid + data["amount"]["amount"]
            self._note(signs, event)

    def _order(self, event: Event) -> None:
        known, data = self._known, event.data
        bad = known.standing.reviews.get(known.standing.by_order.get(data["order_id"], ""))
        if bad is None:
            return
        signs = self._signs(bad)
        if event.type == "return.requested":
            signs.returned = True
            return
        signs.refunded_at, signs.refunded = signs.refunded_at or event.time, signs.refunded + data["amount"]["amount"]
        self._note(signs, event)

    def _note(self, signs: Signs, event: Event) -> None:
        if len(signs.event_ids) < _EVENTS_KEPT:
            signs.event_ids.append(event.id)

    def _changed(self, event: Event, out: Out) -> None:
        known = self._known
        ended = known.standing.changed(event)
        if event.data["review_id"] not in known.standing.reviews:
            signs = known.signs.pop(event.data["review_id"], Signs())
            if ended is not None and (episode := self._episode(ended, signs)) is not None:
                known.episodes[episode.review_id] = episode
                self._judge(episode, event.time, out)

    def _episode(self, ended: Ended, signs: Signs) -> Episode | None:
        """What was gained by it, when anything was."""
        bad = ended.review
        gain: Gain
        if signs.paid_at is not None and ended.at <= after(signs.paid_at, self._lasts):
            gain, amount = "paid", signs.paid
        elif signs.refunded_at is not None and not signs.returned and ended.at <= after(signs.refunded_at, self._lasts):
            gain, amount = "refunded", signs.refunded
        else:
            return None
        return Episode(
            review_id=bad.review_id, author_id=bad.author_id, store_id=bad.store_id,
            seller_id=self._known.sellers.get(bad.store_id, bad.store_id), posted_at=bad.at, ended_at=ended.at,
            how=ended.how, gain=gain, amount=amount, first=signs.first, harassed=signs.harassed,
            event_ids=(bad.event_id, *signs.event_ids, ended.event_id),
        )  # fmt: skip

    def _judge(self, episode: Episode, at: datetime, out: Out) -> None:
        known = self._known
        active = {each.author_id for each in known.episodes.values()}
        shared = [active.intersection(each) for each in known.devices.values() if len(each) <= self._many]
        group = together(episode.author_id, [each for each in shared if len(each) > 1])
        theirs = [each for each in known.episodes.values() if each.author_id in group]
        posted = (
            known.standing.reviews[each].at for name in sorted(group) for each in known.standing.by_author.get(name, ())
        )
        found = judged(group, theirs, sum(after(moment, self._lasts) < at for moment in posted), self._policy)
        if found is not None:
            self._say(found, at, out)

    def _say(self, found: Judged, at: datetime, out: Out) -> None:
        """Once more when another review was taken back, or it is surer."""
        anchor = found.episodes[0].author_id
        revision, score, before = self._known.said.get(anchor, (0, 0.0, []))
        reviews = [each.review_id for each in found.episodes]
        if revision and set(reviews) <= set(before) and found.score <= score:
            return
        self._known.said[anchor] = (revision + 1, found.score, reviews)
        out.say(*told(found, at, revision + 1, self._policy))

    def _sweep(self, now: datetime) -> None:
        """Forgets what is older than the window, once a week."""
        today = day_of(now)
        if today < self._known.swept + _SWEPT_DAYS:
            return
        known, before = self._known, after(now, -timedelta(days=self._policy.window_days))
        known.swept = today
        known.standing.forget(before)
        known.signs = {name: each for name, each in known.signs.items() if name in known.standing.reviews}
        known.episodes = {name: each for name, each in known.episodes.items() if each.ended_at >= before}
        active = {each.author_id for each in known.episodes.values()} | known.standing.by_author.keys()
        shared = {name: [each for each in accounts if each in active] for name, accounts in known.devices.items()}
        known.devices = {name: accounts for name, accounts in shared.items() if accounts}
