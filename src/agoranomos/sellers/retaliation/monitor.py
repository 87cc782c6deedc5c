"""Watches what accounts tied to a punished seller do to others: `sellers.retaliation`.

Complaints and returns against other stores within days of a measure are held against what the same accounts did before
it. A finding is never sure enough to act on alone: those who complain may be right, and a person looks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.calendar import after
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.sellers.retaliation.policy import Policy
from agoranomos.sellers.retaliation.ties import Ties

NAME: Final = "sellers.retaliation"
VERSION: Final = "1"
HEARS: Final = (
    "account.registered", "case.decided", "complaint.filed", "order.placed", "payment.made", "return.requested",
    "seller.applied", "session.started", "store.closed", "store.opened",
)  # fmt: skip
PRIOR: Final = -3.0
"""Log-odds before anything is counted: tied accounts complain for good reasons too."""
PER_NAT: Final = 0.55
"""Log-odds for each natural unit of improbability: acts of one burst are not independent."""
SCORE_MAX: Final = 0.89
"""Below the line above which a policy may act alone."""
_RELATED_MAX: Final = 50


class Act(msgspec.Struct, frozen=True):
    """Something that an account did to a store."""

    at: datetime
    account_id: str
    store_id: str
    event_id: str


class _State(msgspec.Struct):
    ties: Ties
    stores: dict[str, str]
    orders: dict[str, tuple[str, str]]
    acts: dict[str, list[Act]]
    measures: dict[str, datetime]
    revisions: dict[str, int]


class RetaliationMonitor:
    """See `engine.stream.Monitor`."""

    def __init__(self, policy: Policy) -> None:
        self.name = NAME
        self.version = f"{VERSION}:{policy.version}"
        self.hears: Iterable[str] = HEARS
        self._policy = policy
        self._known = _State(Ties(), {}, {}, {}, {}, {})

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """Ties, measures, and what is done to stores."""
        data, known = event.data, self._known
        match event.type:
            case "store.opened":
                known.stores[data["store_id"]] = data["seller_id"]
            case "seller.applied" if data.get("device_id"):
                known.ties.used_by_seller(data["device_id"], data["seller_id"])
            case "account.registered" if data.get("device_id"):
                known.ties.used_by_account(data["device_id"], data["account_id"], self._policy)
            case "session.started":
                self._session(data)
            case "payment.made" if data.get("from_store_id") in known.stores:
                known.ties.paid_to(known.stores[data["from_store_id"]], data["to_account_id"])
            case "order.placed":
                self._order(data)
            case "case.decided" if data["outcome"] == "upheld":
                self._measured(data, {data["subject"]["kind"]: data["subject"]["id"]}, event.time)
            case "store.closed" if data["reason"] == "violation":
                self._measured(data, {}, event.time)
            case "complaint.filed" | "return.requested":
                self._acted(event, out)
            case _:
                pass

    def due(self) -> datetime | None:
        """Never."""
        return None

    def wake(self, now: datetime, out: Out) -> None:
        """Asks for no alarm."""

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)

    def _session(self, data: dict[str, Any]) -> None:
        seller_id = self._known.stores.get(data.get("store_id") or "")
        if data["principal_kind"] == "merchant":
            if seller_id is not None:
                self._known.ties.works_for(seller_id, data["account_id"])
                if data.get("device_id"):
                    self._known.ties.used_by_seller(data["device_id"], seller_id)
        elif data["principal_kind"] == "buyer" and data.get("device_id"):
            self._known.ties.used_by_account(data["device_id"], data["account_id"], self._policy)

    def _measured(self, data: dict[str, Any], about: dict[str, str], at: datetime) -> None:
        """A measure hit a seller, or whoever holds the store, as far as anybody told."""
        store_id = data.get("store_id") or about.get("store") or ""
        seller_id = data.get("seller_id") or about.get("seller") or self._known.stores.get(store_id)
        if seller_id is not None:
            self._known.measures[seller_id] = at

    def _order(self, data: dict[str, Any]) -> None:
        if data.get("device_id"):
            self._known.ties.used_by_account(data["device_id"], data["buyer_id"], self._policy)
        orders = self._known.orders
        orders[data["order_id"]] = (data["buyer_id"], data["store_id"])
        if len(orders) > self._policy.orders_max:
            del orders[next(iter(orders))]  # the oldest

    def _acted(self, event: Event, out: Out) -> None:
        order = self._known.orders.get(event.data.get("order_id") or "")
        account_id = event.data.get("buyer_id") or (order[0] if order else None)
        store_id = event.data.get("store_id") or (order[1] if order else None)
        if account_id is None or store_id is None:
            return
        act = Act(event.time, account_id, store_id, event.id)
        since = after(event.time, -timedelta(days=self._policy.window_days + self._policy.baseline_days))
        kept = [each for each in self._known.acts.get(account_id, ()) if each.at >= since]
        self._known.acts[account_id] = [*kept, act]
        for seller_id in sorted(self._known.ties.sellers_of(account_id, self._policy)):
            measured_at = self._known.measures.get(seller_id)
            window = timedelta(days=self._policy.window_days)
            if measured_at is not None and measured_at <= event.time < measured_at + window:
                self._look(seller_id, measured_at, event.time, out)

    def _look(self, seller_id: str, measured_at: datetime, now: datetime, out: Out) -> None:
        tied = self._known.ties.accounts_of(seller_id, self._policy)
        acts = [
            act for account_id in sorted(tied) for act in self._known.acts.get(account_id, ())
            if self._known.stores.get(act.store_id) != seller_id  # his own store: a customer's good right
        ]  # fmt: skip
        later = [act for act in acts if measured_at <= act.at <= now]
        begins = after(measured_at, -timedelta(days=self._policy.baseline_days))
        before = sum(begins <= act.at < measured_at for act in acts)
        accounts = {act.account_id for act in later}
        if len(later) < self._policy.acts_min or len(accounts) < self._policy.accounts_min:
            return
        # Half an act more than was seen: that nothing happened before does not mean that nothing ever does.
        expected = (before + 0.5) * self._policy.window_days / self._policy.baseline_days
        chance = poisson_tail(len(later), expected)
        if chance <= self._policy.chance_max:
            out.say(self._finding(seller_id, measured_at, now, later, before, expected, chance, tied))

    def _finding(
        self, seller_id: str, measured_at: datetime, now: datetime, after: Sequence[Act], before: int, expected: float,
        chance: float, tied: dict[str, str],
    ) -> Finding:  # fmt: skip
        subject = Subject("seller", seller_id)
        name = finding_id(NAME, subject, measured_at)
        revision = self._known.revisions[name] = self._known.revisions.get(name, 0) + 1
        accounts = sorted({act.account_id for act in after})
        victims = sorted({act.store_id for act in after})
        logit = PRIOR + PER_NAT * -math.log(max(chance, 1e-12))
        words = (
            f"Since a case was upheld against the seller, {len(accounts)} accounts tied to him have complained about, "
            f"or returned to, other stores {len(after)} times; {expected:.1f} would be usual for them."
        )
        zh = (
            f"案件成立后，与该卖家关联的 {len(accounts)} 个账户对其他店铺投诉或退货 {len(after)} 次，"
            f"通常为 {expected:.1f} 次。"
        )
        evidence = {
            "acts": len(after), "before": before, "expected": round(expected, 3), "chance": float(f"{chance:.3g}"),
            "measured_at": rfc3339(measured_at), "ties": {each: tied[each] for each in accounts[:_RELATED_MAX]},
            "message_zh": zh,
        }  # fmt: skip
        related = (
            *(Related("account", each, "member") for each in accounts[:_RELATED_MAX]),
            *(Related("store", each, "victim") for each in victims[:_RELATED_MAX]),
        )
        return Finding(
            id=name, at=rfc3339(now), code=NAME, subject=subject,
            score=round(min(SCORE_MAX, 1.0 / (1.0 + math.exp(-logit))), 4), reasons=(Reason(NAME, words, evidence),),
            detector=NAME, version=VERSION, related=related, revision=revision,
            event_ids=tuple(act.event_id for act in after[-_RELATED_MAX:]),
        )  # fmt: skip


def poisson_tail(count: int, expected: float) -> float:
    """The probability of at least `count` where `expected` are usual (Poisson)."""
    if count <= 0:
        return 1.0
    term = total = math.exp(-expected)
    for number in range(1, count):
        term *= expected / number
        total += term
    return max(0.0, 1.0 - total)
