"""Every figure worked out again from raw rows, in plain Python and without any of the code that is tested."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from tests.reports.integrity.year import Rows

Row = dict[str, Any]
Shown = tuple[Any, ...]
"""What a figure comes to: its value (or money), how many count, of how many."""


class Plainly:
    """The rows, and a time to look at."""

    def __init__(self, rows: Rows, begin: datetime, end: datetime) -> None:
        self.rows, self.begin, self.end = rows, begin, end

    def within(self, table: str, at: str, **columns: Any) -> list[Row]:
        """The rows of a table whose moment is within, and whose columns are one of the values."""
        return [each for each in self.rows[table] if self.has(each[at]) and _fits(each, columns)]

    def has(self, moment: datetime | None) -> bool:
        """From the begin up to, and without, the end."""
        return moment is not None and self.begin <= moment < self.end


def _fits(row: Row, columns: dict[str, Any]) -> bool:
    return all(row[name] in (value if isinstance(value, tuple) else (value,)) for name, value in columns.items())


def _share(rows: Iterable[Any], counts: Callable[[Any], bool], per: int = 1) -> Shown:
    kept = list(rows)
    count = sum(counts(each) for each in kept)
    return (count / len(kept) * per if kept else None, count, len(kept))


def _money(pairs: Iterable[tuple[str, int]]) -> Shown:
    total: Counter[str] = Counter()
    count = 0
    for currency, amount in pairs:
        total[currency] += amount
        count += 1
    return (dict(sorted(total.items())), count, None)


def _number(rows: Iterable[Any]) -> Shown:
    count = len(list(rows))
    return (count, count, None)


def fake_returns(p: Plainly) -> Shown:
    return _share(
        p.within("intake_events", "time", type="return.requested"),
        lambda each: each["data"]["reason_code"] == "suspected_fake", 10_000,
    )  # fmt: skip


def removed_before_sale(p: Plainly) -> Shown:
    holders = {each["notice_id"] for each in p.rows["notices"]} | {each["case_id"] for each in p.rows["notice_cases"]}
    theirs = {each["action_id"] for each in p.rows["action_reasons"] if each["reason"] in holders}
    removed = [
        each for each in p.within("actions", "at", kind="listing.remove", status=("pending", "done"))
        if each["action_id"] not in theirs
    ]  # fmt: skip
    return _share(removed, lambda each: not any(
        line["listing_id"] == each["subject_id"] and line["placed_at"] < each["at"] for line in p.rows["trade_lines"]
    ))  # fmt: skip


def _reported(p: Plainly) -> dict[str, datetime]:
    filed = {each["notice_id"]: each["filed_at"] for each in p.rows["notices"]
             if each["state"] not in ("incomplete", "merged")}  # fmt: skip
    first: dict[str, datetime] = {}
    for each in p.rows["notice_targets"]:
        if each["notice_id"] in filed:
            at = filed[each["notice_id"]]
            first[each["listing_id"]] = min(at, first.get(each["listing_id"], at))
    return first


def _found(p: Plainly) -> dict[str, datetime]:
    first: dict[str, datetime] = {}
    for each in p.rows["findings"]:
        ours = each["code"].startswith("goods.") and not each["code"].startswith("goods.notice")
        decided = each["code"] in ("goods.confirmed_fake", "goods.programme_relapse", "goods.warned_before")
        if ours and not decided and _fits(each, {"status": "live", "subject_kind": "listing"}) and each["score"] >= 0.5:
            first[each["subject_id"]] = min(each["at"], first.get(each["subject_id"], each["at"]))
    told = _reported(p)
    return {name: at for name, at in first.items() if name not in told or told[name] > at}


def found_ourselves(p: Plainly) -> Shown:
    return _number(name for name, at in _found(p).items() if p.has(at))


def reported_by_holders(p: Plainly) -> Shown:
    return _number(name for name, at in _reported(p).items() if p.has(at))


def found_first(p: Plainly) -> Shown:
    ours, theirs = found_ourselves(p)[1], reported_by_holders(p)[1]
    return (ours / (ours + theirs) if ours + theirs else None, ours, ours + theirs)


def testbuy_cost(p: Plainly) -> Shown:
    known = {each["testbuy_id"] for each in p.rows["testbuys"]}
    pairs = [
        (each["currency"], each["cost"])
        for each in p.within("testbuys", "changed_at", state=("booked", "lost"))
        if each["cost"] is not None
    ]
    others: dict[tuple[str, str], list[Row]] = {}
    for each in p.rows["testbuy_appraisals"]:
        if each["testbuy_id"] not in known:
            others.setdefault((each["testbuy_id"], each["currency"]), []).append(each)
    for (_, currency), said in others.items():
        if p.has(min(each["at"] for each in said)):
            pairs.append((currency, max(each["cost"] for each in said)))
    return _money(pairs)


def stores_closed(p: Plainly) -> Shown:
    closed = p.within("intake_events", "time", type="store.closed")
    return _number(each for each in closed if each["data"]["reason"] == "violation")


def referrals_sent(p: Plainly) -> Shown:
    return _number(p.within("referral_custody", "at", verb="send"))


def referrals_accepted(p: Plainly) -> Shown:
    return _number(p.within("referral_custody", "at", verb="accept"))


def _reported_back(p: Plainly, column: str) -> Shown:
    total = sum(each[column] for each in p.within("referral_outcomes", "at"))
    return (total, total, None)


def complaints_answered(p: Plainly) -> Shown:
    asked = [each["state"] == "decided" for each in p.within("notices", "filed_at")
             if each["state"] not in ("incomplete", "merged")]  # fmt: skip
    asked += [each["state"] != "filed" for each in p.within("appeals", "filed_at")]
    asked += [each["state"] == "decided" for each in p.within("cases", "opened_at", kind=("report", "inspection"))]
    return _share(asked, bool)


def decision_time(p: Plainly) -> Shown:
    took = sorted(
        (each["decided_at"] - each["opened_at"]).total_seconds() / 3600 for each in p.within("cases", "decided_at")
    )
    if not took:
        return (None, 0, None)
    return (took[math.ceil(len(took) / 2) - 1], len(took), took[math.ceil(len(took) * 0.9) - 1])


def overturned(p: Plainly) -> Shown:
    back = {each["overturns"] for each in p.rows["decided_cases"]}
    return _share(p.within("decided_cases", "at", outcome="upheld"), lambda each: each["case_id"] in back)


def money_at_risk(p: Plainly) -> Shown:
    opened = [each for each in p.within("cases", "opened_at") if each["priority"] > 0]
    return _money((each["document"]["currency"], each["priority"]) for each in opened)


def money_frozen(p: Plainly) -> Shown:
    accounts = {each["id"]: each for each in p.rows["ledger_accounts"]}
    return _money(
        (accounts[each["credit"]]["unit"], each["amount"])
        for each in p.within("ledger_transfers", "at")
        if each["credit"].startswith("frozen:held") and each["debit"].startswith("frozen:owed")
    )


def _redress(p: Plainly, column: str) -> Shown:
    recalls = {each["recall_id"] for each in p.within("redress_recalls", "began_at")}
    return _money(
        (each["currency"], each["amount"])
        for each in p.rows["redress_bookings"]
        if each["recall_id"] in recalls and each[column] == "settled"
    )


def money_recovered(p: Plainly) -> Shown:
    told = [each for each in p.within("referral_outcomes", "at") if each["recovered"] != 0]
    return _money((each["currency"], each["recovered"]) for each in told)


def checks_stopped(p: Plainly) -> Shown:
    return _share(p.within("decisions", "at"), lambda each: each["outcome"] != "approve")


def _done(p: Plainly, *kinds: str) -> Shown:
    return _number(p.within("actions", "at", kind=kinds, status=("pending", "done")))


PLAINLY: Final[dict[str, Callable[[Plainly], Shown]]] = {
    "fake_returns": fake_returns, "removed_before_sale": removed_before_sale, "found_ourselves": found_ourselves,
    "reported_by_holders": reported_by_holders, "found_first": found_first, "testbuy_cost": testbuy_cost,
    "stores_closed": stores_closed, "referrals_sent": referrals_sent, "referrals_accepted": referrals_accepted,
    "authorities_cases": lambda p: _reported_back(p, "cases"), "suspects": lambda p: _reported_back(p, "suspects"),
    "convicted": lambda p: _reported_back(p, "convicted"), "complaints_answered": complaints_answered,
    "decision_time": decision_time, "overturned": overturned, "money_at_risk": money_at_risk,
    "money_frozen": money_frozen, "money_returned": lambda p: _redress(p, "paid"),
    "charged_to_stores": lambda p: _redress(p, "charged"), "money_recovered": money_recovered,
    "checks_stopped": checks_stopped, "campaigns_stopped": lambda p: _done(p, "campaign.stop"),
    "readers_stopped": lambda p: _done(p, "principal.suspend", "principal.throttle"),
    "reviews_held": lambda p: _done(p, "review.hold"),
}  # fmt: skip
"""All figures but the one that is known by a sample, which `test_missed` works out."""
