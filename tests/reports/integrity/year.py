"""A store in which much has happened over a year and a half, all of it drawn from a seed; and its rows, as they lie."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.cases.desk.model import Case, Harm
from agoranomos.cases.desk.tables import cases
from agoranomos.cases.referral.tables import referral_custody, referral_outcomes, referrals
from agoranomos.enforcement.tables import action_reasons, actions
from agoranomos.goods.notices.model import Notice
from agoranomos.goods.notices.tables import notice_cases, notice_targets, notices
from agoranomos.goods.redress.tables import redress_bookings, redress_recalls
from agoranomos.goods.testbuys.tables import testbuy_appraisals, testbuy_plans, testbuys
from agoranomos.goods.trade.tables import trade_lines, trade_orders
from agoranomos.intake.tables import intake_events
from agoranomos.judgements.tables import decisions, findings
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.ledger.tables import ledger_accounts, ledger_transfers
from agoranomos.kernel.store import Store
from agoranomos.rules.tables import decided_cases
from agoranomos.sellers.appeals.tables import appeals

TABLES: Final = (
    actions, action_reasons, appeals, cases, decided_cases, decisions, findings, intake_events, ledger_accounts,
    ledger_transfers, notice_cases, notice_targets, notices, redress_bookings, redress_recalls, referral_custody,
    referral_outcomes, referrals, testbuy_appraisals, testbuys, trade_lines,
)  # fmt: skip
BEGIN: Final = datetime(2024, 12, 31, 16, tzinfo=UTC)  # 2025-01-01 in Shanghai
DAYS: Final = 500
Rows = dict[str, list[dict[str, Any]]]


def raw(store: Store) -> Rows:
    """Every row of every table that figures rest on, as it is."""
    with store.reading() as connection:
        return {
            table.name: [dict(row._mapping) for row in connection.execute(sa.select(table))] for table in TABLES
        }  # fmt: skip


class Year:
    """Draws what happened."""

    def __init__(self, seed: int, count: int) -> None:
        self._draw, self._count, self._number = random.Random(seed), count, 0

    def fill(self, store: Store) -> None:
        """Writes all of it into an empty store."""
        with store.transaction() as connection:
            for table, rows in self._all():
                if rows:
                    connection.execute(table.insert(), rows)

    def _all(self) -> Iterator[tuple[sa.Table, list[dict[str, Any]]]]:
        yield intake_events, [self._event(each) for each in self._some(3)]
        yield findings, [self._finding() for _ in self._some(3)]
        yield decisions, [self._decision() for _ in self._some()]
        yield from self._orders()
        yield from self._notices()
        yield from self._actions()
        yield from self._testbuys()
        yield from self._referrals()
        yield cases, [self._case() for _ in self._some()]
        yield appeals, [
            {"appeal_id": self._id("ap"), "case_id": "c", "state": self._one("filed", "granted", "rejected"),
             "filed_at": self._at(), "document": {}}
            for _ in self._some()
        ]  # fmt: skip
        yield decided_cases, self._decided()
        yield from self._money()

    def _some(self, times: float = 1) -> range:
        return range(1, int(self._count * times) + 1)

    def _id(self, prefix: str) -> str:
        self._number += 1
        return f"{prefix}{self._number}"

    def _one(self, *of: Any) -> Any:
        return self._draw.choice(of)

    def _at(self) -> datetime:
        """Some moment; now and then the very first or last of a day in Shanghai."""
        day = BEGIN + timedelta(days=self._draw.randrange(DAYS))
        if self._draw.random() < 0.15:
            return day - timedelta(microseconds=self._draw.randrange(2))
        return day + timedelta(seconds=self._draw.randrange(86_400), microseconds=self._draw.randrange(1_000_000))

    def _event(self, position: int) -> dict[str, Any]:
        data: dict[str, Any] = {"store_id": "s1", "reason": self._one("violation", "voluntary", "inactivity")}
        kind = self._one("return.requested", "return.requested", "store.closed", "order.placed")
        if kind == "return.requested":
            reason = self._one("suspected_fake", "quality", "size", "other", "damaged")
            data = {"return_id": "r", "order_id": self._id("o"), "reason_code": reason}
        at = self._at()
        return {
            "position": position, "source": "shop", "id": self._id("e"), "type": kind, "time": at, "data": data,
            "received_at": at, "late": False,
        }  # fmt: skip

    def _finding(self) -> dict[str, Any]:
        code = self._one(
            "goods.brand_disguised", "goods.suspected_counterfeit", "goods.notice_filed", "goods.confirmed_fake",
            "goods.testbuy_counterfeit", "sellers.document_reused", "goodsx.other",
        )  # fmt: skip
        at = self._at()
        return {
            "finding_id": self._id("f"), "revision": 1, "at": at, "code": code, "recorded_at": at, "document": {},
            "subject_kind": self._one("listing", "listing", "store"), "subject_id": f"l{self._draw.randrange(80)}",
            "score": self._one(0.2, 0.4999, 0.5, 0.9), "status": self._one("live", "live", "shadow"),
        }  # fmt: skip

    def _decision(self) -> dict[str, Any]:
        at = self._at()
        return {
            "decision_id": self._id("d"), "at": at, "check": "listing", "subject_kind": "listing", "subject_id": "l1",
            "outcome": self._one("approve", "approve", "warn", "review", "hold", "decline"), "score": 0.5,
            "document": {}, "recorded_at": at,
        }  # fmt: skip

    def _orders(self) -> Iterator[tuple[sa.Table, list[dict[str, Any]]]]:
        orders, lines = [], []
        for _ in self._some(0.5):
            order_id, at = self._id("o"), self._at()
            orders.append({
                "order_id": order_id, "buyer_id": "b", "store_id": "s", "placed_at": at, "currency": "CNY", "paid": 1,
                "coupon_ids": [], "shipped": False, "delivered": False, "refunded": 0,
            })  # fmt: skip
            lines.append({
                "order_id": order_id, "listing_id": f"l{self._draw.randrange(80)}", "number": 1, "quantity": 1,
                "paid": 1, "placed_at": at,
            })  # fmt: skip
        yield trade_orders, orders
        yield trade_lines, lines

    def _notices(self) -> Iterator[tuple[sa.Table, list[dict[str, Any]]]]:
        told, targets = [], []
        for _ in self._some(0.3):
            name = self._id("n")
            told.append({
                "notice_id": name, "rights_holder_id": "h", "brand_id": "b", "kind": "counterfeit",
                "state": self._one("incomplete", "open", "countered", "decided", "decided", "merged"),
                "filed_at": (filed := self._at()), "priority": 1,
                "document": _notice_document(name, filed),
            })  # fmt: skip
            targets += [
                {"notice_id": name, "listing_id": f"l{listing}", "brand_id": "b", "waiting": False}
                for listing in self._draw.sample(range(80), 2)
            ]
        yield notices, told
        yield notice_targets, targets
        yield notice_cases, [{"case_id": f"of-{each['notice_id']}", "notice_id": each["notice_id"]} for each in told]
        self._filed = [each["notice_id"] for each in told]

    def _actions(self) -> Iterator[tuple[sa.Table, list[dict[str, Any]]]]:
        asked, reasons = [], []
        kinds = ("listing.remove", "listing.remove", "campaign.stop", "principal.suspend", "principal.throttle",
                 "review.hold", "store.suspend")  # fmt: skip
        for _ in self._some(2):
            name = self._id("a")
            notice = self._one(*self._filed) if self._filed else "n"
            asked.append({
                "action_id": name, "at": self._at(), "kind": self._one(*kinds), "subject_kind": "listing",
                "subject_id": f"l{self._draw.randrange(80)}", "params": {}, "because": [], "requested_by": "model:x",
                "status": self._one("proposed", "approved", "pending", "done", "failed", "undone", "refused"),
            })  # fmt: skip
            because = {self._one("f1", notice, f"of-{notice}"), "f2"}
            reasons += [{"reason": each, "action_id": name} for each in sorted(because)]
        yield actions, asked
        yield action_reasons, reasons

    def _testbuys(self) -> Iterator[tuple[sa.Table, list[dict[str, Any]]]]:
        plan = {
            "plan_id": "pl", "at": BEGIN, "by": "x", "state": "committed", "budget": 1, "currency": "CNY",
            "listings": 1, "listings_expected": 1.0, "sizes": {}, "frame": b"", "digest": "", "commitment": "",
            "secret": b"", "entry": 1,
        }  # fmt: skip
        yield testbuy_plans, [plan]
        bought, said = [], []
        for place in self._some(0.4):
            state = self._one("planned", "lost", "booked", "booked", "cancelled")
            name, verdict = self._id("t"), "genuine" if state == "booked" else None
            away = state in ("planned", "cancelled")
            cost = None if away or self._draw.random() < 0.3 else self._draw.randrange(90_000)
            bought.append({
                "testbuy_id": name, "plan_id": "pl", "place": place, "listing_id": "l1", "store_id": f"s{place}",
                "stratum": "x/0", "inclusion": 0.5, "cost_max": 9, "currency": self._one("CNY", "USD"),
                "state": state, "changed_at": self._at(), "twice": False, "shopper_id": None if away else "sh",
                "address_id": None if away else f"ad{place}", "verdict": verdict, "cost": cost,
            })  # fmt: skip
            said += [
                {"testbuy_id": article, "appraiser_id": appraiser, "verdict": "genuine", "at": self._at(),
                 "cost": self._draw.randrange(90_000), "currency": "CNY"}
                for article in (name, self._id("x"))
                for appraiser in self._draw.sample(["p", "q"], self._draw.randrange(1, 3))
            ]  # fmt: skip
        yield testbuys, bought
        yield testbuy_appraisals, said

    def _referrals(self) -> Iterator[tuple[sa.Table, list[dict[str, Any]]]]:
        matters, steps, told = [], [], []
        for _ in self._some(0.2):
            name, at = self._id("rf"), self._at()
            matters.append({
                "referral_id": name, "about_kind": "seller", "about_id": "u1", "authority": "police", "state": "sent",
                "opened_at": at, "opened_by": "x", "package": 1, "sent": 1, "changed_at": at,
            })  # fmt: skip
            for number, verb in enumerate(("open", "send", self._one("accept", "reject")), 1):
                steps.append({
                    "referral_id": name, "number": number, "at": self._at(), "actor": "x", "verb": verb, "package": 1,
                    "audit_index": number,
                })  # fmt: skip
            for number in range(1, self._draw.randrange(4)):
                amounts = {each: self._draw.randrange(-2, 9) for each in ("cases", "suspects", "detained", "convicted")}
                told.append({
                    "referral_id": name, "number": number, "at": self._at(), **amounts, "involved": 5,
                    "recovered": self._draw.randrange(-50, 9_000), "currency": self._one("CNY", "EUR"),
                })  # fmt: skip
        yield referrals, matters
        yield referral_custody, steps
        yield referral_outcomes, told

    def _case(self) -> dict[str, Any]:
        opened = self._at()
        decided = opened + timedelta(seconds=self._draw.randrange(1, 900_000)) if self._draw.random() < 0.7 else None
        name = self._id("c")
        return {
            "case_id": name, "kind": self._one("finding", "finding", "report", "inspection", "appeal"),
            "queue": "goods", "state": "decided" if decided else "open", "level": 0,
            "priority": self._one(0, 1, self._draw.randrange(10**7)), "subject_kind": "store", "subject_id": "s1",
            "gather_key": name, "number": 1, "open_key": None if decided else name, "opened_at": opened,
            "due_at": None if decided else opened, "decided_at": decided, "document": _case_document(name, opened),
        }  # fmt: skip

    def _decided(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for _ in self._some():
            before = self._one(*found)["case_id"] if found and self._draw.random() < 0.2 else None
            found.append({
                "case_id": self._id("dc"), "subject_kind": "store", "subject_id": "s", "at": self._at(),
                "outcome": "overturned" if before else self._one("upheld", "upheld", "rejected"), "overturns": before,
            })  # fmt: skip
        return found

    def _money(self) -> Iterator[tuple[sa.Table, list[dict[str, Any]]]]:
        kinds = ("frozen:owed", "frozen:held", "frozen:buyers")
        accounts = [
            {"id": f"{kind}:{number}", "unit": "CNY", "kind": kind, "opened_at": BEGIN, "debits_posted": 0,
             "credits_posted": 0, "debits_pending": 0, "credits_pending": 0}
            for kind in kinds for number in range(3)
        ]  # fmt: skip
        yield ledger_accounts, accounts
        names = [each["id"] for each in accounts]
        moves = []
        for _ in self._some():
            debit, credit = self._draw.sample(names, 2)
            at = self._at()
            moves.append({
                "id": self._id("m"), "kind": "transfer", "debit": debit, "credit": credit,
                "amount": self._draw.randrange(1, 10**6), "held": 0, "at": at, "recorded_at": at, "reason": "frozen",
                "because": [],
            })  # fmt: skip
        yield ledger_transfers, moves
        recalls = [
            {"recall_id": self._id("rc"), "listing_id": self._id("l"), "number": 1, "state": "standing",
             "began_at": self._at(), "document": {}}
            for _ in self._some(0.3)
        ]  # fmt: skip
        yield redress_recalls, recalls
        yield redress_bookings, [
            {"action_id": self._id("ra"), "recall_id": self._one(*recalls)["recall_id"], "store_id": "s",
             "currency": self._one("CNY", "USD"), "amount": self._draw.randrange(1, 10**6),
             "paid": self._one("reserved", "settled", "settled", "released"), "withdrawn": False, "open": False,
             "charged": self._one("reserved", "settled", "released", "reversed")}
            for _ in self._some() if recalls
        ]  # fmt: skip


def _case_document(name: str, opened: datetime) -> Any:
    """As far as a case tells of itself; its words are not told here."""
    case = Case(
        case_id=name, kind="finding", queue="goods", priority=0, currency="CNY", harm=Harm(harm=0),
        subject=Subject("store", "s1"), gather_key=name, opened_at=opened, changed_at=opened,
    )  # fmt: skip
    return msgspec.to_builtins(case)


def _notice_document(name: str, filed: datetime) -> Any:
    notice = Notice(
        notice_id=name, rights_holder_id="h", brand_id="b", kind="counterfeit", filed_at=filed, state="open",
        targets=(), source="shop", event_id="e",
    )  # fmt: skip
    return msgspec.to_builtins(notice)
