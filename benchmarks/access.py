"""Who reads people: log lines into pairs, features of readers, the check of reads, and what is found.

Peers: Python's regular expressions, as log tools in Python take lines apart; CrowdSec, when `crowdsec` is there, over
the same log in the same run.
"""

from __future__ import annotations

import json
import random
import re
import statistics
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

import numpy as np

from agoranomos.access.exposure.policy import load_policy as load_exposure
from agoranomos.access.harvest.judging import of_visitor
from agoranomos.access.harvest.monitor import HEARS, HarvestMonitor
from agoranomos.access.harvest.policy import load_policy
from agoranomos.access.logs.reading import LogReader
from agoranomos.access.logs.templates import templates_of
from agoranomos.access.reach.windows import Windows
from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import load_policy as load_actions
from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.lives import Event as Happened
from agoranomos.engine.market.plots import chosen
from agoranomos.engine.market.plots.shipped import SHIPPED
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import Settings
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from benchmarks.crowdsec import crowdsec_over
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table
from benchmarks.reads import check_table

FIRST_SEED = 401
"""Drawn when the lines stood; 101 to 103 were run with earlier ones, 1 to 3 chosen by."""
MEMBERS = ("/members/{member}",)
NOW = datetime(2026, 5, 20, tzinfo=UTC)
_LINE = re.compile(
    r'(\S+) \S+ (\S+) \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d{3}) \S+ "[^"]*" "([^"]*)"'
)  # fmt: skip


def run(materials: Materials, size: Size) -> list[Table]:
    """Four tables."""
    tiny = size.rounds == 1
    return [
        lines_table(materials.folder, 2_000 if tiny else 400_000),
        features_table(300 if tiny else 100_000),
        check_table(materials.folder, 200 if tiny else 100_000, 20 if tiny else 3_000),
        found_table(1 if tiny else 3, tiny=tiny),
    ]


def lines_table(folder: Path, lines: int) -> Table:
    """Lines a CPU-second, by format and beside peers."""
    rows, rates = [], {}
    for form, texts in (("combined", combined(lines)), ("json", nginx(lines)), ("cloudfront", cloudfront(lines))):
        path = folder / f"access-{form}.log"
        path.write_text("\n".join(texts) + "\n")
        seconds, reader = [], LogReader(templates_of(MEMBERS), until=NOW)
        for _ in range(3):
            reader = LogReader(templates_of(MEMBERS), until=NOW)
            begun = time.process_time()
            for batch in reader.batches([path]):
                assert batch.num_rows
            seconds.append(time.process_time() - begun)
        rates[form] = lines / statistics.median(seconds[1:])
        rows.append((f"Agoranomos, {form}", f"{rates[form]:,.0f}", "1.0", f"{reader.read.pairs:,}"))
    path, pairs = folder / "access-combined.log", set()
    begun = time.process_time()
    with path.open() as file:
        for line in file:
            if (match := _LINE.match(line)) and match[5].startswith("/members/"):
                pairs.add((match[1], match[7], match[5]))
    rate = lines / (time.process_time() - begun)
    rows.append(
        ("Python's re, combined", f"{rate:,.0f}", f"{rates['combined'] / rate:.1f}", f"{len(pairs):,} different")
    )
    notes = ["ratio: how many times as fast as the peer; each of 21 crawlers in the log has an address of its own"]
    if (peer := crowdsec_over(path, folder)) is not None:
        ratio = rates["combined"] * peer.cpu_s / lines
        rows.append(("CrowdSec, combined", f"{lines / peer.cpu_s:,.0f}", f"{ratio:.1f}", ""))
        notes.append(f"found by CrowdSec: {_crawlers(address for each in peer.found.values() for address in each)}")
    notes.append(f"found by Agoranomos: {_crawlers(name for name, _ in judged(path))}")
    return Table("Log lines into pairs", ("", "lines per CPU-second", "ratio", "pairs"), tuple(rows), tuple(notes))


def _crawlers(names: Iterable[str]) -> str:
    """Who of those found is which crawler, and who is none."""
    fast = slow = honest = 0
    for name in set(names):
        fast += name == "192.0.2.66"
        slow += name.startswith("203.0.113.")
        honest += name.startswith("198.51.")
    return f"the fast crawler {'yes' if fast else 'no'}, {slow} of 20 slow ones, {honest} honest visitors"


def features_table(readers: int) -> Table:
    """The features of all readers over 30 days."""
    draw, subjects = np.random.default_rng(1), readers * 10
    weights = np.cumsum(1.0 / np.arange(1, subjects + 1) ** 0.8)
    windows, pairs, spent = Windows(), 0, 0.0
    salt, day_micros = np.uint64(0xD1B54A32D192ED03), 86_400_000_000
    for day in range(30):
        who = draw.integers(0, readers, readers * 20).astype(np.uint64)
        shown = np.searchsorted(weights, draw.random(len(who)) * weights[-1]).astype(np.uint64)
        micros = np.full(len(who), day * day_micros)
        begun = time.process_time()
        windows.add_pairs(
            (who + np.uint64(1)) * salt, (shown + np.uint64(1)) * salt, micros, who % np.uint64(200) + np.uint64(1),
            np.zeros(len(who), np.bool_),
        )  # fmt: skip
        spent += time.process_time() - begun
        pairs += len(who)
    begun = time.process_time()
    table = windows.features()
    taken = time.process_time() - begun
    assert table.num_rows <= readers
    row = (f"{readers:,}", f"{pairs:,}", f"{spent:.1f}", f"{taken:.1f}", f"{pairs / (spent + taken):,.0f}")
    return Table(
        "Features of readers over 1, 7 and 30 days",
        ("readers", "pairs", "collecting, CPU s", "features, CPU s", "pairs per CPU-second"), (row,),
    )  # fmt: skip


def found_table(seeds: int, *, tiny: bool) -> Table:
    """What is found in made markets, by plot; seeds that nothing was chosen by."""
    rows = []
    cases = (
        ("partner, 20 % honest", "partner-harvest"),
        ("partner, 50 % honest", "partner-harvest:honest=50"),
        ("partner, 90 % honest", "partner-harvest:honest=90"),
        ("shards of 100 a day", "sharded-crawler:per_day=100,shards=20"),
        ("shards of 20 a day", "sharded-crawler"),
        ("shards of 20 a day, half as people choose", "sharded-crawler:popular=50"),
        ("shards of 20 a day, nine tenths", "sharded-crawler:popular=90"),
        ("20 shards of 20 a day, nine tenths", "sharded-crawler:popular=90,shards=20"),
        ("shards of 20 a day, nineteen of twenty", "sharded-crawler:popular=95"),
        ("as many who read as people do, and nothing else", "sharded-crawler:popular=100"),
    )
    for name, plot in cases[:1] if tiny else cases:
        guilty = caught = honest = blamed = 0
        waits: list[float] = []
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            settings = Settings(seed=seed, start=date(2026, 1, 1), days=9, sellers=60, buyers=300 if tiny else 4_000)
            found, truth, readers = played(settings, plot)
            guilty += len(truth)
            caught += len(truth.keys() & found.keys())
            honest += len(readers - truth.keys())
            blamed += len(found.keys() - truth.keys())
            waits += [(found[each] - truth[each]) / timedelta(hours=1) for each in truth.keys() & found.keys()]
        wait = f"{statistics.median(waits):.1f} / {max(waits):.1f}" if waits else ""
        rows.append((name, f"{caught} of {guilty}", wait, f"{blamed} of {honest:,}"))
    notes = ("made markets of 60 sellers and 4,000 buyers over 9 days: mechanism, not accuracy in the field",)
    return Table("What is found", ("plot", "found", "hours, median / most", "honest blamed"), tuple(rows), notes)


def played(settings: Settings, plot: str) -> tuple[dict[str, datetime], dict[str, datetime], set[str]]:
    """(reader → first finding, guilty → since when, all readers) of one market."""
    truth: dict[str, datetime] = {}
    events: list[Event] = []
    for each in generate(settings, chosen([plot], SHIPPED)):
        if isinstance(each, Truth):
            if each.kind == "plot" and each.subject_kind == "principal":
                truth[each.subject_id] = datetime.fromtimestamp(each.started_at / 1000, UTC)
        elif isinstance(each, Happened) and each.type in HEARS:
            events.append(parse_event(json.loads(each.line())))
    monitor = HarvestMonitor(load_policy(), load_exposure(), needs_of(load_actions()), decides=False)
    found: dict[str, datetime] = {}
    for said in Run([monitor]).feed(events):
        if isinstance(said, Finding) and said.code == "access.harvest":
            found.setdefault(said.subject.id, datetime.fromisoformat(said.at))
    return found, truth, {event.data["principal_id"] for event in events if event.type == "data.read"}


AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0 Mobile Safari/537.36",
)
CRAWLER = "python-requests/2.31"


def visits(lines: int) -> list[tuple[datetime, str, str, str]]:
    """(time, address, path, agent): 500 people, a crawler that takes ten pages a second now and then, and twenty that
    take one every few seconds.
    """
    return list(islice(_visits(lines), lines))


def _visits(lines: int) -> Iterator[tuple[datetime, str, str, str]]:
    draw, at, slow = random.Random(3), datetime(2026, 5, 18, tzinfo=UTC), 0
    for number in range(lines):
        at += timedelta(milliseconds=200)
        kind = draw.random()
        if kind < 0.80:
            who = draw.randrange(500)
            path = (
                f"/members/{int(10_000 ** draw.random())}"
                if draw.random() < 0.7
                else f"/static/{draw.randrange(40)}.js"
            )
            yield at, f"198.51.{who // 200}.{who % 200}", path, AGENTS[who % 3]
        elif kind < 0.801:
            for page in range(100):
                at += timedelta(milliseconds=100)
                yield at, "192.0.2.66", f"/members/{100_000 + 100 * number + page}", CRAWLER
        else:
            slow += 1
            yield at, f"203.0.113.{slow % 20}", f"/members/{500_000 + slow}", AGENTS[0]


def combined(lines: int) -> list[str]:
    """The combined format."""
    return [
        f'{ip} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" 200 4711 "https://shop.example/" "{agent}"'
        for at, ip, path, agent in visits(lines)
    ]


def nginx(lines: int) -> list[str]:
    """nginx in JSON."""
    return [
        json.dumps({
            "time_iso8601": at.isoformat(), "remote_addr": ip, "remote_user": "", "request": f"GET {path} HTTP/1.1",
            "status": "200", "body_bytes_sent": "4711", "http_referer": "-", "http_user_agent": agent,
        })
        for at, ip, path, agent in visits(lines)
    ]  # fmt: skip


def cloudfront(lines: int) -> list[str]:
    """CloudFront's tab-separated format."""
    return [
        "\t".join(
            (
                f"{at:%Y-%m-%d}",
                f"{at:%H:%M:%S}",
                "HKG62-C1",
                "4711",
                ip,
                "GET",
                "d1.example",
                path,
                "200",
                "-",
                agent.replace(" ", "%20"),
                "-",
                "-",
            )
        )
        for at, ip, path, agent in visits(lines)
    ]


def judged(path: Path) -> list[tuple[str, float]]:
    """Who is worth a look in a log, by name and score."""
    reader, windows = LogReader(templates_of(MEMBERS), until=NOW), Windows()
    for batch in reader.batches([path]):
        windows.add(batch)
    policy, named = load_policy(), reader.read.principals
    scored = [(named[row["principal"]].name, of_visitor(row, policy).score) for row in windows.features().to_pylist()]
    return [(name, score) for name, score in scored if score >= policy.report_line]
