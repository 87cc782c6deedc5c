"""The rules of redress over events: the same text of them in a replay and live; see `trade.desk`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.engine.stream.monitor import Output
from agoranomos.goods.redress import telling
from agoranomos.goods.redress.cabinet import Cabinet, Claim
from agoranomos.goods.redress.model import WHOLE, Cause, CauseKind, Recall, new_recall
from agoranomos.goods.redress.planning import plan, share_of
from agoranomos.goods.redress.policy import RedressPolicy
from agoranomos.goods.redress.telling import NAME, Hands
from agoranomos.goods.trade.model import Trade
from agoranomos.kernel.calendar import after, waking
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.cases import CaseDecided, NoticeDecided, NoticeFiled
from agoranomos.kernel.schema.goods import TestbuyAppraised

HEARS: Final = ("case.decided", "notice.decided", "notice.filed", "testbuy.appraised")


class RedressDesk:
    """See `trade.desk.Desk`. `hands` carry out what it decides."""

    name = NAME
    hears = HEARS

    def __init__(self, cabinet: Cabinet, trade: Trade, policy: RedressPolicy, hands: Hands) -> None:
        self._cabinet = cabinet
        self._trade = trade
        self._policy = policy
        self._hands = hands

    def hear(self, event: Event) -> list[Output]:
        """One of HEARS."""
        match event.body:
            case TestbuyAppraised() as body if body.verdict == "counterfeit":
                cause = Cause(kind="testbuy", id=body.testbuy_id, at=event.time, batch_id=body.batch_id)
                return [*self._confirm(body.listing_id, cause), *self._spread(cause, event.time)]
            case NoticeFiled() as body:
                self._cabinet.put_claim(body.notice_id, Claim(body.kind == "counterfeit", body.listing_ids))
            case NoticeDecided() as body:
                return self._notice(body, event.time)
            case CaseDecided() as body:
                return self._case(body, event.time)
            case _:
                pass
        return []

    def due(self) -> datetime | None:
        """When new orders are next looked for."""
        return self._cabinet.next_look()

    def wake(self, now: datetime) -> list[Output]:
        """Looks for orders that were placed meanwhile."""
        said: list[Output] = []
        for recall in self._cabinet.to_look_at(now):
            said += self._cover(recall, now, always=False)
            for cause in recall.standing:
                said += self._spread(cause, now)
        return said

    def _spread(self, cause: Cause, now: datetime) -> list[Output]:
        """The other listings whose orders were shipped from the batch that `cause` says is fake."""
        if cause.batch_id is None or cause.indirect:
            return []
        since = after(cause.at, -timedelta(days=self._policy.window_days))
        beside = msgspec.structs.replace(cause, indirect=True)
        said: list[Output] = []
        for listing_id in self._trade.listings_of_batch(cause.batch_id, since):
            latest = self._cabinet.latest(listing_id)  # a recall that a person took back stays so
            if latest is None or not any((each.kind, each.id) == (cause.kind, cause.id) and not each.overturned
                                         for each in latest.causes):  # fmt: skip
                said += self._confirm(listing_id, beside, now)
        return said

    def _notice(self, body: NoticeDecided, at: datetime) -> list[Output]:
        claim = self._cabinet.claim(body.notice_id)
        if claim is None or not claim.counterfeit:
            return []
        otherwise = {each.listing_id: each.outcome for each in body.listings}
        said: list[Output] = []
        for listing_id in dict.fromkeys(claim.listing_ids):
            if otherwise.get(listing_id, body.outcome) == "upheld":
                said += self._confirm(listing_id, Cause(kind="notice", id=body.notice_id, at=at))
            else:  # decided again, and otherwise
                said += self._overturn([("notice", body.notice_id)], body.notice_id, at, only=listing_id)
        return said

    def _case(self, body: CaseDecided, at: datetime) -> list[Output]:
        on_listing = body.subject.id if body.subject.kind == "listing" else None
        if body.outcome == "upheld":
            return self._upheld(body, at) if self._policy.confirms(body.clause) else []
        if body.outcome != "overturned":
            return []
        meant: list[tuple[CauseKind, str]] = [("case", body.case_id)]
        if body.overturns is not None:  # a case, or the appraisal or notice itself
            meant += [("case", body.overturns), ("testbuy", body.overturns), ("notice", body.overturns)]
        if body.notice_id is not None:
            meant.append(("notice", body.notice_id))
        return self._overturn(meant, body.case_id, at, only=on_listing)

    def _upheld(self, body: CaseDecided, at: datetime) -> list[Output]:
        if body.subject.kind == "listing":
            return self._confirm(body.subject.id, Cause(kind="case", id=body.case_id, at=at))
        if body.subject.kind == "batch":
            return self._spread(Cause(kind="case", id=body.case_id, at=at, batch_id=body.subject.id), at)
        return []

    def _confirm(self, listing_id: str, cause: Cause, now: datetime | None = None) -> list[Output]:
        latest = self._cabinet.latest(listing_id)
        if latest is None or latest.state == "withdrawn":
            recall = new_recall(listing_id, 1 if latest is None else latest.number + 1, cause)
        elif any((each.kind, each.id) == (cause.kind, cause.id) and not each.overturned for each in latest.causes):
            return []
        else:
            kept = (each for each in latest.causes if (each.kind, each.id) != (cause.kind, cause.id))
            recall = msgspec.structs.replace(latest, causes=(*kept, cause))
        return self._cover(recall, now or cause.at, always=True)

    def _cover(self, recall: Recall, now: datetime, *, always: bool) -> list[Output]:
        """Takes in the orders that the recall does not know yet; `always`: says the finding also without any."""
        look = waking(now, timedelta(hours=self._policy.look_hours))
        ends = after(max(each.at for each in recall.standing), timedelta(days=self._policy.after_days))
        recall = msgspec.structs.replace(recall, look_at=look if look is not None and look <= ends else None)
        since = after(recall.began_at, -timedelta(days=self._policy.window_days))
        sold = self._trade.orders_of(recall.listing_id, since)
        batches = recall.batches()
        sold = [order for order in sold if order.placed_at <= now]
        if recall.only_shipped and batches is not None:
            sold = [order for order in sold if order.batch_id in batches and len(order.lines) == 1]
        share = share_of(recall.listing_id, sold, batches)
        known = {line.order_id: line for line in self._cabinet.lines(recall)}
        doubtful = {name for name, line in known.items() if line.basis not in WHOLE}
        lines = plan(
            recall.listing_id, [order for order in sold if order.order_id not in known.keys() - doubtful],
            batches, share, self._policy.batch_share,
            lambda order_id: self._cabinet.taken(order_id, recall),
        )  # fmt: skip
        # Who was only told is told again when more is known, and not before.
        lines = [line for line in lines if line.order_id not in doubtful or line.basis in WHOLE]
        if not lines and not always:
            self._cabinet.put(recall)
            return []
        instead_of = [known[line.order_id] for line in lines if line.order_id in doubtful]
        recall = msgspec.structs.replace(recall.with_lines(lines, instead_of), revision=recall.revision + 1)
        finding = telling.found(recall, now, share)
        self._cabinet.put(recall)
        self._cabinet.add_lines(recall, lines)
        said: list[Output] = [finding]
        if lines:
            recall, asked = self._hands.act(recall, finding, lines, now)
            self._cabinet.put(recall)
            said += asked
        return said

    def _overturn(
        self, meant: Iterable[tuple[CauseKind, str]], why: str, at: datetime, *, only: str | None
    ) -> list[Output]:
        """What said that the goods are fake no longer does; a recall without any cause left is withdrawn.

        `only`: the listing that it is about, of several of a notice. An appraisal is about one article, and so are all
        recalls that rest on it.
        """
        gone = set(meant)
        listings = {
            each
            for kind, name in sorted(gone)
            for each in self._cabinet.listings_of(kind, name)
            if only is None or each == only or kind == "testbuy"
        }
        said: list[Output] = []
        for listing_id in sorted(listings):
            recall = self._cabinet.latest(listing_id)
            if recall is None or recall.state == "withdrawn":
                continue
            causes = tuple(
                msgspec.structs.replace(each, overturned=True) if (each.kind, each.id) in gone else each
                for each in recall.causes
            )
            recall = msgspec.structs.replace(recall, causes=causes)
            if not recall.standing:
                recall = msgspec.structs.replace(recall, state="withdrawn", look_at=None, withdrawn_at=at)
                said += self._hands.undo(recall, self._cabinet.lines(recall), why, at)
            self._cabinet.put(recall)
        return said
