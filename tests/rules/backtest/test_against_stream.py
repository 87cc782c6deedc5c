"""A backtest says what the stream would have said: the same hits, about the same, for the same values."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agoranomos.engine.rules.types import CALENDAR, CHECKS
from agoranomos.engine.scan.sources import expand
from agoranomos.kernel.errors import Invalid
from agoranomos.rules.backtest.history import History
from agoranomos.rules.backtest.looking import Looking, types_of
from agoranomos.rules.book import Book, Used
from agoranomos.rules.evaluator import Evaluator
from agoranomos.rules.written import read_rules
from tests.rules.backtest.builders import make_book, market_events, market_file

Hit = tuple[str, str, str, str, str]


def streamed(book: Book) -> dict[Hit, dict[str, Any]]:
    """What the evaluator of the stream finds."""
    evaluator = Evaluator(book.groups)
    evaluator.adopt(book)
    evaluator.begin_empty()
    found: dict[Hit, dict[str, Any]] = {}
    for event in market_events():
        evaluator.hear(event)
        asked = [event.type, *(check for check, kinds in CHECKS.items() if event.type in kinds)]
        for listens in asked:
            for fired in evaluator.evaluate(listens, event, heard=True):
                subject = fired.subject
                found[fired.used.key, event.source, event.id, subject.kind, subject.id] = fired.values
    return found


def looked(book: Book, folder: Path, **bounds: Any) -> dict[Hit, dict[str, Any]]:
    """What the backtest finds."""
    with History(folder, calendar=CALENDAR, threads=1) as history:
        history.read_files(expand([market_file(folder)]), types_of(book.used))
        history.ready()
        looking = Looking(history, lists=book.lists, **bounds)
        looking.look(book)
        rows = history.connection.execute("SELECT rule, source, id, kind, subject FROM hits").fetchall()
        values: dict[Hit, dict[str, Any]] = {}
        for used in book.used:
            mine = [row for row in rows if row[0] == used.key]
            seen = looking.values(used, [(row[1], row[2]) for row in mine])
            values.update({row: seen[row[1], row[2]] for row in mine})
        return values


@pytest.mark.slow
def test_the_hits_and_what_the_rules_saw_are_those_of_the_stream(tmp_path: Path) -> None:
    stores = sorted({event.data["store_id"] for event in market_events() if event.type == "review.posted"})
    middle = market_events()[len(market_events()) // 2].time
    book = make_book({stores[0]: None, stores[1]: middle})
    there, here = streamed(book), looked(book, tmp_path)
    assert set(here) == set(there)
    assert {used.key for used in book.used} == {hit[0] for hit in there}, "every rule hits, or nothing is compared"
    assert here == there


def test_a_feature_looked_up_by_another_is_refused_and_the_message_says_what_to_do(tmp_path: Path) -> None:
    text = NESTED.format(when="orders(device_of(buyer_id)) >= 2")
    (written,) = read_rules([("rule", text), ("features", NESTED_FEATURES)], [])
    book = Book([Used(written=written, version=1, standing="shadow")])
    with pytest.raises(Invalid, match=r"not by device_of\(buyer_id\); leave the rule out, or replay"):
        looked(book, tmp_path)


NESTED_FEATURES = """
- {name: device_of, aggregate: last, field: device_id, event: order.placed, by: [buyer_id], window: 1d}
- {name: orders, aggregate: count, event: order.placed, by: [device_id], window: 1d}
"""
NESTED = """
id: promotions.nested
desk: promotions
listens: order.placed
when: {when}
outcome: warn
score: 0.5
reason: {{en: "{{orders}}", zh: "{{orders}}"}}
subject: {{kind: order, field: order_id}}
owner: test
hits:
  - time: 2026-03-02T08:00:00+08:00
    data: {{order_id: o, buyer_id: b, store_id: s, lines: [], paid: {{amount: 5, currency: CNY}}}}
    features: {{device_of(b): d, orders(d): 2}}
misses:
  - time: 2026-03-02T08:00:00+08:00
    data: {{order_id: o, buyer_id: b, store_id: s, lines: [], paid: {{amount: 5, currency: CNY}}}}
    features: {{device_of(b): d, orders(d): 1}}
"""


@pytest.mark.slow
def test_features_count_what_came_before_the_days_that_are_tested(tmp_path: Path) -> None:
    book = make_book()
    middle = datetime.fromisoformat("2026-03-08T00:00:00+08:00")
    end = middle + timedelta(days=3)
    within = {event.identity for event in market_events() if middle <= event.time < end}
    there = {hit: values for hit, values in streamed(book).items() if (hit[1], hit[2]) in within}
    assert there
    assert looked(book, tmp_path, since=middle, until=end) == there
