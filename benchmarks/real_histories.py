"""Backtests over real ratings and a real web log, for data sets under AGORA_SHARED_DATA; those that are absent are left
out.

    AGORA_SHARED_DATA=… python -m benchmarks.real_histories

`reviews/anonreviews`: 578,805 ratings of vendors, 2003 to 2008, of which nothing more is known.
`reviews/yelpchi_edges`: 67,395 reviews without dates, a second apart as listed, and which of them Yelp filtered.
`logs/elastic_apache`: 10,000 requests of four days; a reader is an address with an agent, and is known by what
the agent calls itself.

What is known is told as cases that were decided after the last event, so that the backtest itself measures precision.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import hashlib
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from agoranomos.engine.scan.sources import expand
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.store import open_store
from agoranomos.rules.backtest.commands import shown
from agoranomos.rules.backtest.running import backtest
from agoranomos.rules.book import Book, Used
from agoranomos.rules.policy import load_queues
from agoranomos.rules.written import read_rules

Row = dict[str, Any]
RULES: Final = Path(__file__).with_suffix(".yaml")
_LINE: Final = re.compile(r'(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) (\S+)[^"]*" (\d+) \S+ "[^"]*" "([^"]*)"')
_BEGUN: Final = datetime(2012, 1, 1, tzinfo=UTC)


def event(kind: str, number: int, at: datetime, data: Row) -> Row:
    """One event."""
    return {"id": f"{kind}-{number}", "source": "real", "type": kind, "time": rfc3339(at), "data": data}


def verdict(number: int, kind: str, subject: str, upheld: bool, at: datetime) -> Row:
    """What is known of a subject."""
    data = {
        "case_id": f"c{number}", "subject": {"kind": kind, "id": subject}, "clause": "label",
        "outcome": "upheld" if upheld else "rejected",
    }  # fmt: skip
    return event("case.decided", number, at, data)


def ratings(folder: Path) -> Iterator[Row]:
    """Reviews of vendors, with the minute."""
    with bz2.open(folder / "reviews/anonreviews/anonreviews.csv.bz2", "rt") as file:
        for number, row in enumerate(csv.DictReader(file)):
            at = datetime.strptime(row["date"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
            yield event("review.posted", number, at, _review(number, row["reviewerId"], row["vendorId"], row["rating"]))


def filtered(folder: Path) -> Iterator[Row]:
    """Reviews of which it is known whether they were filtered; an author is guilty when one of his was."""
    authors: dict[str, bool] = {}
    at = _BEGUN
    with gzip.open(folder / "reviews/yelpchi_edges/metadata.gz", "rt") as file:
        for number, line in enumerate(file):
            author, product, _, label, *_ = line.split()
            authors[author] = authors.get(author, False) or label == "-1"
            at = _BEGUN + timedelta(seconds=number)
            yield event("review.posted", number, at, _review(number, author, product, "5"))
    for number, (author, guilty) in enumerate(sorted(authors.items())):
        yield verdict(number, "account", f"a{author}", guilty, at + timedelta(days=1))


def requests(folder: Path) -> Iterator[Row]:
    """Requests as reads of pages; a reader is an address with an agent, and known by what the agent calls itself."""
    patterns = msgspec.json.decode((folder / "logs/crawler_user_agents/crawler-user-agents.json").read_bytes())
    programs = re.compile("|".join(f"(?:{each['pattern']})" for each in patterns))
    readers: dict[str, bool] = {}
    at = _BEGUN
    with Path.open(folder / "logs/elastic_apache/apache_logs", encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file):
            found = _LINE.match(line)
            if found is None:
                continue
            address, moment, _, page, status, agent = found.groups()
            reader = hashlib.blake2b(f"{address} {agent}".encode(), digest_size=8).hexdigest()
            readers[reader] = programs.search(agent) is not None
            when = datetime.strptime(moment, "%d/%b/%Y:%H:%M:%S %z")
            at = max(at, when)
            data = {
                "principal_id": reader, "principal_kind": "partner", "endpoint": "/pages", "fields": ["page"],
                "subject_ids": [hashlib.blake2b(page.encode(), digest_size=8).hexdigest()], "ip": address,
                "user_agent": agent, "status": int(status),
            }  # fmt: skip
            yield event("data.read", number, when, data)
    for number, (reader, program) in enumerate(sorted(readers.items())):
        yield verdict(number, "principal", reader, program, at + timedelta(days=1))


def _review(number: int, author: str, store: str, rating: str) -> Row:
    return {"review_id": f"r{number}", "author_id": f"a{author}", "store_id": f"v{store}", "rating": int(rating)}


_TIMED: Final = ("reviews.fives", "reviews.praise", "reviews.burst")
SETS: Final = {
    "anonreviews": (ratings, "reviews/anonreviews/anonreviews.csv.bz2", _TIMED),
    "yelpchi": (filtered, "reviews/yelpchi_edges/metadata.gz", ("reviews.labelled_",)),
    "elastic_apache": (requests, "logs/elastic_apache/apache_logs", ("access.",)),
}


def main() -> int:
    """Prints the report of each data set that is there."""
    data = Path(os.environ.get("AGORA_SHARED_DATA", "no such folder"))
    rules = read_rules([(RULES.name, RULES.read_text("utf-8")), _FEATURES], [])
    for name, (read, path, prefixes) in SETS.items():
        if not (data / path).exists():
            print(f"{name}: not there, left out", file=sys.stderr)
            continue
        mine = [one for one in rules if one.rule.id.startswith(prefixes)]
        book = Book([Used(written=one, version=1, standing="shadow") for one in mine])
        with tempfile.TemporaryDirectory(prefix="agora-real-") as folder:
            file = Path(folder) / "events.jsonl"
            with file.open("wb") as out:
                out.writelines(msgspec.json.encode(row) + b"\n" for row in read(data))
            store = open_store(f"sqlite:///{folder}/agora.sqlite3")
            wall, cpu = time.perf_counter(), time.process_time()
            with store.reading() as connection:
                report = backtest(
                    book, connection, folder=Path(folder), policy=load_queues(), sources=expand([str(file)]), samples=1
                )
            seconds = f"{time.perf_counter() - wall:.1f} s, {time.process_time() - cpu:.1f} CPU-s"
            store.close()
        print(f"== {name}: {seconds}", *shown(report), "", sep="\n")
    return 0


_FEATURES: Final = (
    "features.yaml",
    """
- {name: fives_of_author_1h, aggregate: count, event: review.posted, by: [author_id], window: 1h, where: rating = 5}
- {name: fives_of_author_1d, aggregate: count, event: review.posted, by: [author_id], window: 1d, where: rating = 5}
- {name: reviews_of_store_1h, aggregate: count, event: review.posted, by: [store_id], window: 1h}
- {name: reviews_of_store_30d, aggregate: count, event: review.posted, by: [store_id], window: 30d}
- {name: praise_of_store_1h, aggregate: ratio, share: rating = 5, event: review.posted, by: [store_id], window: 1h}
- {name: reviews_of_author_400d, aggregate: count, event: review.posted, by: [author_id], window: 400d}
- {name: reads_10m, aggregate: count, event: data.read, by: [principal_id], window: 10m}
- {name: pages_1h, aggregate: count_distinct, field: subject_ids, event: data.read, by: [principal_id], window: 1h}
- {name: agents_of_address_1d, aggregate: count_distinct, field: user_agent, event: data.read, by: [ip], window: 1d}
""",
)


if __name__ == "__main__":
    raise SystemExit(main())
