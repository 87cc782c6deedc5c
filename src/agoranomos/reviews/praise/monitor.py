"""Watches praise: `reviews.bought_praise`, on accounts and on the reviews that they wrote together.

All reviews of the window are looked at once a day at most: when a tenth of them is new, or a week has passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from agoranomos.engine.stream.monitor import Monitor, Out
from agoranomos.kernel.calendar import after
from agoranomos.kernel.events import Event
from agoranomos.reviews.policies import policy_file
from agoranomos.reviews.praise.judging import rings
from agoranomos.reviews.praise.model import Paid, Praise, Ring
from agoranomos.reviews.praise.policy import Policy, load_policy
from agoranomos.reviews.praise.speech import Speech
from agoranomos.reviews.praise.telling import NAME, VERSION, told

HEARS: Final = (
    "account.registered", "order.placed", "payment.made", "review.deleted", "review.posted", "session.started",
)  # fmt: skip
DAILY: Final = timedelta(days=1)
WEEKLY: Final = timedelta(days=7)
NEW_SHARE: Final = 0.1
NEW_MIN: Final = 200
_SEEN: Final = timedelta(days=30)

Seen = dict[str, tuple[str, str]]


class _State(msgspec.Struct):
    reviews: dict[str, Praise] = msgspec.field(default_factory=dict)
    paid: list[Paid] = msgspec.field(default_factory=list)
    seen: Seen = msgspec.field(default_factory=dict)
    """Account → device and network address when it was last seen, since `turned`."""
    seen_before: Seen = msgspec.field(default_factory=dict)
    """The same, of the thirty days before."""
    turned: datetime | None = None
    due: datetime | None = None
    looked_at: datetime | None = None
    new: int = 0
    said: dict[str, tuple[int, list[str]]] = msgspec.field(default_factory=dict)
    """Ring → how often it was said, and of which reviews."""


class PraiseMonitor:
    """See `engine.stream.Monitor`."""

    def __init__(self, policy: Policy) -> None:
        self.name = NAME
        self.version = f"{VERSION}:{policy.version}"
        self.hears: Iterable[str] = HEARS
        self._policy = policy
        self._speech = Speech()
        self._known = _State()

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:  # noqa: ARG002 - says what it finds when it is woken
        """Where accounts are, what they praise, and who pays them."""
        data, known = event.data, self._known
        match event.type:
            case "session.started" if data["principal_kind"] == "buyer":
                known.seen[data["account_id"]] = (data.get("device_id") or "", data.get("ip") or "")
            case "order.placed" if data.get("device_id"):
                known.seen[data["buyer_id"]] = (data["device_id"], data.get("ip") or "")
            case "account.registered":
                known.seen[data["account_id"]] = (data.get("device_id") or "", data.get("ip") or "")
            case "review.posted":
                self._posted(event)
            case "review.deleted" if data["by"] == "platform":
                known.reviews.pop(data["review_id"], None)
            case "payment.made":
                store = data.get("from_store_id")
                payer = store or data["from_account_id"]
                known.paid.append(Paid(payer, store is not None, data["to_account_id"], event.time))
            case _:
                pass

    def due(self) -> datetime | None:
        """A day after somebody praised."""
        return self._known.due

    def wake(self, now: datetime, out: Out) -> None:
        """Looks at all reviews of the window, when it is worth it."""
        known = self._known
        known.due = None
        enough = known.new >= max(NEW_MIN, NEW_SHARE * len(known.reviews))
        if not enough and known.looked_at is not None and now - known.looked_at < WEEKLY:
            known.due = _later(now)
            return
        known.looked_at, known.new = now, 0
        before = after(now, -timedelta(days=self._policy.window_days))
        known.reviews = {name: each for name, each in known.reviews.items() if each.at >= before}
        known.paid = [each for each in known.paid if each.at >= before]
        for ring in rings(list(known.reviews.values()), known.paid, self._speech.bits, self._policy):
            self._say(ring, now, out)

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode((self._known, self._speech.state()))

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known, speech = msgspec.msgpack.decode(state, type=tuple[_State, Any])
        self._speech.resume(speech)

    def _posted(self, event: Event) -> None:
        data, known = event.data, self._known
        if data["rating"] < self._policy.rating_min or data["review_id"] in known.reviews:
            return
        author = data["author_id"]
        device, network = known.seen.get(author) or known.seen_before.get(author, ("", ""))
        text = self._speech.read(data["text"]).band if data.get("text") else 0
        known.reviews[data["review_id"]] = Praise(
            data["review_id"], author, data["store_id"], event.time, device, network, text, event.id
        )
        known.new += 1
        if known.due is None:
            known.due = _later(event.time)
        if known.turned is None or event.time - known.turned >= _SEEN:
            known.turned, known.seen_before, known.seen = event.time, known.seen, {}

    def _say(self, ring: Ring, now: datetime, out: Out) -> None:
        """Once more when it has grown by a review."""
        revision, before = self._known.said.get(ring.anchor, (0, []))
        reviews = [each.review_id for member in ring.members for each in member.reviews]
        if not set(reviews) <= set(before):
            self._known.said[ring.anchor] = (revision + 1, reviews)
            out.say(*told(ring, now, revision + 1, self._policy))


def _later(now: datetime) -> datetime | None:
    """In a day; never on the last day of the calendar."""
    due = after(now, DAILY)
    return due if due > now else None


def praise_monitor(folders: Sequence[Path]) -> Monitor:
    """Who praises for money, by the policy in `folders`; apart from the other monitors, as it takes long to import."""
    return PraiseMonitor(load_policy(policy_file("bought-praise", folders)))
