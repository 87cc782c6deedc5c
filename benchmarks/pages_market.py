"""A store with a million findings in a hundred thousand cases for `benchmarks.pages`, and the address of every page.

Everything lies within the sixty days that the overview of thirty compares, which is the most that it can have to count.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from agoranomos.cases.desk import queries as cases_of
from agoranomos.cases.desk.model import Case
from agoranomos.cases.desk.tables import case_findings, cases
from agoranomos.enforcement.tables import actions
from agoranomos.goods.notices.model import Notice, Target
from agoranomos.goods.notices.queries import StoreCabinet
from agoranomos.goods.trade.tables import trade_lines, trade_listings, trade_orders
from agoranomos.intake.tables import intake_events
from agoranomos.judgements.actions import keep_decisions, keep_findings
from agoranomos.judgements.tables import new_findings
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision, Outcome
from agoranomos.kernel.findings import Finding, Reason, Subject
from agoranomos.kernel.store import Store
from agoranomos.reports.numbers import NUMBERS
from agoranomos.sellers.points.tables import points_stores
from benchmarks import case_queue

NOW: Final = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
SPREAD: Final = timedelta(days=59)
"""Over which all of it is spread: what the overview of thirty days compares."""
AT_A_TIME: Final = 20_000
_SELLERS, _BRANDS = 20_000, 500
_CODES: Final = tuple(
    f"goods.{name}"
    for name in ("counterfeit_suspected", "brand_disguised", "price_too_low", "contact_in_text", "stolen_picture",
                 "banned_goods", "claim_not_allowed", "same_goods_again", "title_stuffed", "category_wrong")
)  # fmt: skip
_KINDS: Final = (
    ("listing.remove", "listing"), ("listing.remove", "listing"), ("listing.remove", "listing"),
    ("store.suspend", "store"), ("store.close", "store"), ("review.hold", "review"),
    ("principal.throttle", "principal"), ("campaign.stop", "campaign"),
)  # fmt: skip
"""Kinds of actions and what they are done to: three of eight take a listing away."""


def at_of(number: int, count: int) -> datetime:
    """The moment of the `number`-th of `count`, the last of which is just now."""
    return NOW - SPREAD + SPREAD * number / max(1, count)


def finding_of(number: int, count: int, each: int) -> Finding:
    """A finding of which `each` belong to a listing, one in ten of them in shadow, one in five sure."""
    reason = Reason(_CODES[number % 10], "the words of the title and the price of the listing", {"weight": 2.5})
    return Finding(
        id=f"f{number:08}", at=rfc3339(at_of(number, count)), code=_CODES[number * 7 // 3 % 10],
        subject=Subject("listing", f"l{number // each}"), score=0.95 if number % 5 == 0 else 0.6, reasons=(reason,),
        detector="made", version="1", status="shadow" if number % 10 == 9 else "live",
    )  # fmt: skip


def _parts(count: int) -> Iterator[range]:
    for start in range(0, count, AT_A_TIME):
        yield range(start, min(count, start + AT_A_TIME))


def fill(store: Store, count: int, findings: int, decisions: int) -> None:
    """So many cases, findings and decisions of checks; half as many actions as cases, a tenth as many notices; a
    listing for each case with its event, and stores and sellers for all of them.
    """
    each = max(1, findings // count)
    for part in _parts(findings):
        with store.transaction() as connection:
            keep_findings(connection, [finding_of(number, findings, each) for number in part], now=NOW)
            connection.execute(sa.delete(new_findings))
    for part in _parts(decisions):
        with store.transaction() as connection:
            keep_decisions(connection, [_decision(number, decisions, count) for number in part], now=NOW)
    for part in _parts(count):
        made = [case_queue.made(number) for number in part]
        with store.transaction() as connection:
            connection.execute(cases.insert(), [cases_of.row_of(case) for case in made])
            connection.execute(case_findings.insert(), list(_gathered(part, made, each)))
            connection.execute(actions.insert(), [_action(number, count) for number in part if number % 2 == 0])
            connection.execute(trade_listings.insert(), [_listing(number) for number in part])
            connection.execute(trade_orders.insert(), [_order(number, count) for number in part])
            connection.execute(trade_lines.insert(), [_line(number, count) for number in part])
            connection.execute(intake_events.insert(), [_event(number, count) for number in part])
            cabinet = StoreCabinet(connection)
            for number in part:
                if number % 10 == 0:
                    cabinet.put(_notice(number, count))
    with store.transaction() as connection:
        rows = [{"store_id": f"s{number}", "seller_id": f"u{number}"} for number in range(_SELLERS)]
        connection.execute(points_stores.insert(), rows)
        connection.execute(sa.text("ANALYZE"))


def _gathered(part: range, made: list[Case], each: int) -> Iterator[dict[str, Any]]:
    for number, case in zip(part, made, strict=True):
        for place in range(each):
            yield {
                "case_id": case.case_id, "finding_id": f"f{number * each + place:08}", "code": case.codes[0],
                "revision": 1, "score": 0.8, "subject_kind": "listing", "subject_id": case.subject.id,
                "harm": case.priority, "added_at": case.opened_at,
            }  # fmt: skip


def _decision(number: int, decisions: int, count: int) -> Decision:
    return Decision(
        id=f"d{number:07}", at=rfc3339(at_of(number, decisions)), check="listing",
        subject=Subject("listing", f"l{number * count // decisions}"),
        outcome=Outcome.WARN if number % 4 == 0 else Outcome.APPROVE, score=0.5, reasons=(), hits=(),
        policy_version="1",
    )  # fmt: skip


def _action(number: int, count: int) -> dict[str, Any]:
    kind, subject = _KINDS[number // 2 % len(_KINDS)]
    whose = {"listing": f"l{number}", "store": f"s{number % _SELLERS}"}.get(subject, f"{subject}{number}")
    return {
        "action_id": f"a{number:07}", "at": at_of(number, count), "kind": kind, "subject_kind": subject,
        "subject_id": whose, "params": {}, "because": [f"f{number:08}"], "requested_by": "person:p1",
        "status": "proposed" if number % 1_000 == 0 else "done",
    }  # fmt: skip


def _listing(number: int) -> dict[str, Any]:
    return {"listing_id": f"l{number}", "store_id": f"s{number % _SELLERS}"}


def _order(number: int, count: int) -> dict[str, Any]:
    return {
        "order_id": f"o{number:07}", "buyer_id": f"b{number % 50_000}", "store_id": f"s{number % _SELLERS}",
        "placed_at": at_of(number * 3 % count, count), "currency": "CNY", "paid": 9_900, "coupon_ids": [],
        "shipped": True, "delivered": True, "refunded": 0,
    }  # fmt: skip


def _line(number: int, count: int) -> dict[str, Any]:
    placed_at = at_of(number * 3 % count, count)
    return {
        "order_id": f"o{number:07}", "listing_id": f"l{number}", "number": 1, "quantity": 1, "paid": 9_900,
        "placed_at": placed_at,
    }  # fmt: skip


def _event(number: int, count: int) -> dict[str, Any]:
    data = {
        "listing_id": f"l{number}", "store_id": f"s{number % _SELLERS}", "title": "Canvas shoes, white, free shipping",
        "description": "Breathable, for men and women. " * 8, "price": {"amount": 9_900, "currency": "CNY"},
        "category": "shoes",
    }  # fmt: skip
    at = at_of(number, count)
    return {
        "position": number + 1, "source": "made", "id": f"e{number}", "type": "listing.submitted", "time": at,
        "subject": f"l{number}", "data": data, "received_at": at, "late": False,
    }  # fmt: skip


def _notice(number: int, count: int) -> Notice:
    open_, at = number % 200 == 0, at_of(number, count)
    return Notice(
        notice_id=f"n{number:07}", rights_holder_id=f"h{number % 900}", brand_id=f"brand{number % _BRANDS}",
        kind="counterfeit", filed_at=at, state="open" if open_ else "decided", source="made", event_id=f"n{number}",
        targets=(Target(listing_id=f"l{number}", store_id=f"s{number % _SELLERS}",
                        outcome=None if open_ else "upheld"),),
        decide_by=at + timedelta(days=2) if open_ else None, decided_at=None if open_ else at,
    )  # fmt: skip


def paths(count: int, findings: int) -> list[str]:
    """The address of each page; of those about one thing, one in the middle."""
    half = count // 2
    case = case_queue.made(half).case_id
    mid = findings // 2
    return [
        "/overview", "/overview?days=7", "/overview?days=90", *(f"/numbers/{number.name}" for number in NUMBERS),
        "/findings", "/findings?score_min=0.9", f"/findings?code={_CODES[0]}", f"/findings/f{mid:08}",
        f"/subjects/listing?id=l{half}", "/subjects/store?id=s7", "/subjects/seller?id=u7",
        "/subjects/campaign?id=none", f"/search?id=l{half}", "/search?id=nothing",
        "/cases", "/cases/queue?name=goods", f"/cases?id={case}", "/approvals", "/actions",
        "/actions?kind=principal.throttle", "/actions?status=proposed", f"/actions?id=a{half:07}",
        "/notices", "/notices?status=open", "/notices?status=decided", "/notices?status=merged",
        f"/notices?id=n{half:07}", "/notices/strikes",
        "/brands", "/brands/proposals", "/testbuys", "/sellers", "/sellers?id=u7", "/sellers/applications",
        "/sellers/freezes", "/sellers/appeals", "/sellers/certification", "/promotions", "/promotions/lint",
        "/reviews", "/reviews/store?id=s7", "/reviews/held", "/access", "/access/exports", "/rules", "/rules/new",
        "/referrals", "/report", "/audit-log", "/insiders", "/people", "/keys", "/deliveries", "/system",
        "/retention", "/listings/new", "/account",
    ]  # fmt: skip
