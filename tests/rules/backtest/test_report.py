"""What a report counts, on a history small enough to count by hand."""

from __future__ import annotations

import gzip
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agoranomos.engine.scan.sources import expand
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.store import Store
from agoranomos.rules.backtest.commands import shown
from agoranomos.rules.backtest.report import Report, RuleReport
from agoranomos.rules.backtest.running import backtest, beside
from agoranomos.rules.book import Book, Used
from agoranomos.rules.policy import load_queues
from agoranomos.rules.written import read_rules

FEATURES = "- {name: reviews_of_author_2d, aggregate: count, event: review.posted, by: [author_id], window: 2d}"
RULE = """
id: reviews.{name}
desk: reviews
listens: review.posted
when: author_id <> '' AND ({when})
outcome: {outcome}
score: 0.6
reason: {{en: "Author {{author_id}}.", zh: "作者 {{author_id}}。"}}
subject: {{kind: account, field: author_id}}
owner: test
hits: [{{time: 2026-03-02T08:00:00+08:00, data: {hit}}}]
misses: [{{time: 2026-03-02T08:00:00+08:00, data: {miss}}}]
"""
HIT = "{review_id: r, author_id: a, store_id: s, rating: 1, text: bad}"
MISS = "{review_id: r, author_id: a, store_id: s, rating: 5}"


def make_used(name: str, when: str, outcome: str = "review", **fields: Any) -> Used:
    """A rule about the author of a review; `when` is true of one point with text and not of five without."""
    text = RULE.format(name=name, when=when, outcome=outcome, hit=HIT, miss=MISS)
    (written,) = read_rules([("rule.yaml", text), ("features.yaml", FEATURES)], [])
    return Used(written=written, version=1, standing=fields.get("standing", "shadow"))


def make_event(number: int, day: int, kind: str = "review.posted", hour: int = 12, **data: Any) -> dict[str, Any]:
    """An event in March, by the calendar of Shanghai."""
    return {
        "specversion": "1.0", "id": f"e{number}", "source": "test", "type": kind,
        "time": f"2026-03-{day:02}T{hour:02}:00:00+08:00", "data": data,
    }  # fmt: skip


def review(number: int, day: int, author: str, rating: int, hour: int = 12, **more: Any) -> dict[str, Any]:
    """A review."""
    data = {"review_id": f"r{number}", "author_id": author, "store_id": "s1", "rating": rating, **more}
    return make_event(number, day, hour=hour, **data)


def decided(number: int, day: int, author: str, outcome: str, **more: Any) -> dict[str, Any]:
    """A case about an author comes to an end."""
    subject = {"kind": "account", "id": author}
    data = {"case_id": f"c{number}", "subject": subject, "outcome": outcome, "clause": "r.1", **more}
    return make_event(number, day, "case.decided", **data)


HISTORY = [
    review(1, 1, "a", 1, hour=0, text="bad"),
    review(2, 1, "a", 2, hour=23, text="bad"),
    review(3, 2, "b", 1, text="bad"),
    review(4, 4, "c", 5),
    review(5, 4, "d", 1),
    decided(6, 1, "b", "upheld"),  # before the hit: no verdict on it
    decided(7, 5, "a", "upheld"),
    decided(8, 5, "b", "upheld"),
    decided(9, 6, "b", "rejected"),
    decided(10, 6, "d", "upheld"),
    decided(11, 7, "d", "overturned", overturns="c10"),
]
LOW = "rating <= 2"


def told(store: Store, folder: Path, *used: Used, lines: list[Any] | None = None, **options: Any) -> Report:
    """The report over `lines`."""
    path = folder / "events.jsonl"
    raw = [line if isinstance(line, bytes) else msgspec.json.encode(line) for line in lines or HISTORY]
    path.write_bytes(b"\n".join(raw) + b"\n")
    given = {"sources": expand([path]), "samples": 5, "policy": load_queues(), **options}
    with store.reading() as connection:
        return backtest(Book(used), connection, folder=folder, **given)


def only(report: Report) -> RuleReport:
    """The report of the one rule."""
    (rule,) = report.rules
    return rule


def test_hits_are_counted_by_the_days_of_the_calendar(store: Store, tmp_path: Path) -> None:
    report = told(store, tmp_path, make_used("low", LOW))
    rule = only(report)
    assert (report.first, report.last, report.days) == (date(2026, 3, 1), date(2026, 3, 7), 7)
    assert (rule.looked_at, rule.unknown, rule.hits, rule.subjects) == (5, 0, 4, 3)
    assert [(day.day.day, day.hits, day.subjects) for day in rule.days] == [(1, 2, 1), (2, 1, 1), (4, 1, 1)]
    assert rule.per_day == 1.0, "over the four days on which there were reviews"


def test_bounds_are_days_and_features_look_beyond_them(store: Store, tmp_path: Path) -> None:
    rule = make_used("again", "rating <= 2 AND reviews_of_author_2d(author_id) = 2 OR rating = 1 AND text = 'bad'")
    since = datetime.fromisoformat("2026-03-01T20:00:00+08:00")
    until = datetime.fromisoformat("2026-03-02T12:00:00+08:00")
    found = only(told(store, tmp_path, rule, since=since, until=until))
    assert [(sample.event_id, sample.values["reviews_of_author_2d(author_id)"]) for sample in found.samples] == [
        ("e2", 2)
    ]


def test_what_cannot_be_known_is_counted_apart(store: Store, tmp_path: Path) -> None:
    assert only(told(store, tmp_path, make_used("texts", "length(text) = 3"))).unknown == 2


def test_precision_is_that_of_cases_decided_after_the_hit(store: Store, tmp_path: Path) -> None:
    """a was upheld; of b the later decision counts; that about d was overturned, and is none."""
    found = only(told(store, tmp_path, make_used("low", LOW))).precision
    assert (found.shown, found.decided, found.upheld, found.precision) == (3, 2, 1, 0.5)
    assert found.low is not None
    assert found.low < 0.5


def test_a_rule_is_compared_with_those_that_are_live(store: Store, tmp_path: Path) -> None:
    low, worst = make_used("low", LOW), make_used("worst", "rating = 1", standing="live")
    report = told(store, tmp_path, *beside([low], [worst, make_used("tried", "rating = 1")]))
    (with_worst,) = next(rule for rule in report.rules if rule.rule_id == "reviews.low").overlaps
    assert (with_worst.both, with_worst.only_this, with_worst.only_that) == (3, 0, 0)
    assert [rule.rule_id for rule in report.rules] == ["reviews.low", "reviews.worst"]


def test_the_strongest_outcome_of_an_event_counts(store: Store, tmp_path: Path) -> None:
    report = told(store, tmp_path, make_used("low", LOW, "warn"), make_used("worst", "rating = 1", "decline"))
    assert [(day.day.day, day.decline, day.warn) for day in report.outcomes] == [(1, 1, 1), (2, 1, 0), (4, 1, 0)]


def test_queues_are_told_what_would_come(store: Store, tmp_path: Path) -> None:
    policy = load_queues()
    small = msgspec.structs.replace(
        policy, queues={"reviews": msgspec.structs.replace(policy.queues["reviews"], per_day=1)}
    )
    lines = [*HISTORY, review(20, 4, "e", 1)]
    (load,) = told(store, tmp_path, make_used("low", LOW), lines=lines, policy=small).queues
    assert (load.queue, load.capacity, load.most, load.days_over) == ("reviews", 1, 2, 1)
    assert (load.days, load.mean) == (4, 1.0)


def test_samples_say_what_a_person_would_have_read_and_stay_the_same(store: Store, tmp_path: Path) -> None:
    used = make_used("low", LOW)
    first = told(store, tmp_path, used, samples=2)
    again = told(store, tmp_path, used, samples=2, lines=HISTORY[::-1])
    assert msgspec.json.encode(first) == msgspec.json.encode(again), "whatever the order in the file"
    sample = only(first).samples[0]
    assert sample.reason_en == f"Author {sample.subject.id}."
    assert sample.reason_zh == f"作者 {sample.subject.id}。"
    assert len(only(first).samples) == 2


def test_lines_that_are_no_events_and_repeats_are_counted(store: Store, tmp_path: Path) -> None:
    broken: list[Any] = [
        b"{broken", b"[1]", {**HISTORY[0], "time": "2026-03-01T00:00:00"}, {**HISTORY[0], "data": "text"}, HISTORY[0],
    ]  # fmt: skip
    read = told(store, tmp_path, make_used("low", LOW), lines=[*HISTORY, *broken]).read
    assert (read.events, read.unreadable, read.repeated) == (11, 4, 1)


@pytest.mark.parametrize("form", ["gz", "zst", "parquet"])
def test_all_forms_of_the_contract_are_read(store: Store, tmp_path: Path, form: str) -> None:
    plain = told(store, tmp_path, make_used("low", LOW))
    path = tmp_path / ("events.parquet" if form == "parquet" else f"events.jsonl.{form}")
    if form == "parquet":
        rows = [{**event, "subject": None, "data": msgspec.json.encode(event["data"]).decode()} for event in HISTORY]
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif form == "gz":
        path.write_bytes(gzip.compress((tmp_path / "events.jsonl").read_bytes()))
    else:
        with pa.CompressedOutputStream(str(path), "zstd") as stream:
            stream.write((tmp_path / "events.jsonl").read_bytes())
    assert told(store, tmp_path, make_used("low", LOW), sources=expand([path])) == plain


def test_what_is_no_file_of_events_is_said(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pq.write_table(pa.table({"a": [1]}), path)
    with pytest.raises(Invalid, match=r"other\.parquet cannot be read as events"):
        told(store, tmp_path, make_used("low", LOW), sources=expand([path]))


def test_an_end_before_the_beginning_and_no_rules_are_refused(store: Store, tmp_path: Path) -> None:
    moment = datetime.fromisoformat("2026-03-02T00:00:00+08:00")
    with pytest.raises(Invalid, match="ends before it begins"):
        told(store, tmp_path, make_used("low", LOW), since=moment, until=moment)
    with pytest.raises(Invalid, match="no rule to test"):
        told(store, tmp_path)


def test_nothing_is_left_behind(store: Store, tmp_path: Path) -> None:
    told(store, tmp_path, make_used("low", LOW))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("backtest")] == []


def test_an_empty_history_has_no_days(store: Store, tmp_path: Path) -> None:
    report = told(store, tmp_path, make_used("low", LOW), lines=[decided(1, 1, "x", "upheld")])
    rule = only(report)
    assert (rule.looked_at, rule.unknown, rule.hits, rule.subjects, rule.per_day) == (0, 0, 0, 0, 0.0)
    assert "reviews.low" in "\n".join(shown(report))
    assert report.notes == ("reviews.low: the history has no event that it listens to (review.posted)",)
