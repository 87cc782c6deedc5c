"""The store comes to what a replay comes to: decisions, findings and what is asked for, over one long story."""

from __future__ import annotations

from collections import Counter

from agoranomos.enforcement import queries as asked_for
from agoranomos.judgements import queries as judged
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from tests.sellers.conduct.builders import (
    Market,
    actions,
    appraised,
    case,
    closed,
    complained,
    course,
    decisions,
    findings,
    notice,
    noticed,
    opened,
    order,
    overturn,
    payout,
    refund,
    replayed,
    returned,
    settled,
    told,
)

ORDERS = [
    order(f"o{n}", n / 10, 900 + n, buyer=f"b{n % 5}", listings=("l1", "l2") if n % 3 else ("l1",)) for n in range(9)
]
STORY: tuple[Event, ...] = (
    opened(), opened("s2", "u2"), *ORDERS, returned("o1", 1), returned("o2", 1.1), returned("o3", 1.2),
    payout("p1", 2, 900, "o1"), payout("p2", 2.1, 900, "o4"), refund("o1", 2.2, 500), case("c1", 3),
    case("c2", 4, subject=("listing", "l2")), course("genuine-goods", 5), appraised("t1", 6, listing="l2"),
    payout("p3", 7, 10), overturn("z1", "c1", 8), settled("p2", 8.5), case("c3", 9), case("c4", 10),
    told("appeal.filed", "a1", 10.5, appeal_id="a1", case_id="c4", statement="no"),
    case("c5", 11, "rejected", subject=("order", "o3")), order("o10", 11.1, buyer="b7", listings=("l3",)),
    complained("k1", 11.2, order_id="o10"), notice("n1", 11.3, "l3", "l4"), noticed("n1", 12, l4="rejected"),
    payout("p6", 12.1, 9_000, "o10"), case("z2", 13, "overturned", subject=("listing", "l3"), notice_id="n1"),
    payout("p7", 13.1, 9_000, "o10"), closed("s2", 14), payout("p8", 15, 1, store="s2"),
    closed("s1", 38, "voluntary"), payout("p4", 40, 900, "o2", "o3"), payout("p5", 90, 1, "o6"),
)  # fmt: skip


def said_of(found: list[Finding]) -> set[tuple[str, str, float]]:
    return {(each.code, each.subject.id, each.score) for each in found}


def decided(made: list[Decision]) -> Counter[tuple[str, str]]:
    return Counter((each.outcome.value, each.at) for each in made)


def test_one_story_twice(store: Store) -> None:
    replay = replayed(*STORY, until=120)
    market = Market(store)
    for event in STORY:
        market.take(event)
    market.later(120)
    with store.reading() as connection:
        kept = asked_for.listed(connection, asked_for.About(), after=None, limit=1_000)
        found = judged.list_findings(connection, judged.About(), after=None, limit=1_000)
        made = judged.list_decisions(connection, judged.About(), after=None, limit=1_000)
    assert said_of(found) == said_of(findings(replay))
    assert decided(made) == decided(decisions(replay))
    # What takes back is the ledger of actions' own in the store, and not asked for where nothing had gone out.
    back = {"seller.restore_points", "seller.withdraw_warning", "store.resume", "store.reopen"}
    assert {each.id for each in kept if each.kind not in back} == {
        each.id for each in actions(replay) if each.kind not in back
    }
