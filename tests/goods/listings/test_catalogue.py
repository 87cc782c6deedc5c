"""The scan's door to the judge: the same findings as at publish time, in the shape of the contract."""

from __future__ import annotations

import json
import pickle
import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from msgspec.structs import replace

from agoranomos.engine.scan.judging import checked
from agoranomos.engine.scan.schema import FINDINGS_SCHEMA
from agoranomos.goods.brands.snapshot import RegistrySnapshot
from agoranomos.goods.listings.catalogue import (
    TITLE_SHOWN_MAX,
    CatalogueJudge,
    findings_batch,
    judge_batch,
    prepare,
)
from agoranomos.goods.listings.judge import TextJudge, listings_batch
from tests.builders import make_listing, make_money
from tests.goods.listings.test_judge import AT, make_market, market


@pytest.mark.slow
def test_publish_check_and_scan_find_the_same(judge: TextJudge) -> None:
    listings = market()[:200]
    rows = judge_batch(judge, listings_batch(listings), AT).to_pylist()
    scanned: dict[str, list[tuple[object, ...]]] = {}
    for row in rows:
        scanned.setdefault(row["subject"]["id"], []).append(
            (
                row["id"],
                row["code"],
                row["score"],
                [r["message"] for r in row["reasons"]],
                len(row["related"]),
            )
        )
    for listing in listings:
        published = [
            (f.id, f.code, f.score, [r.message for r in f.reasons], len(f.related))
            for f in judge.assess(listing).findings
        ]
        assert scanned.get(listing.listing_id, []) == published


def test_rows_are_of_the_schema_and_in_order(judge: TextJudge) -> None:
    batch = judge_batch(judge, listings_batch(market()), AT)
    assert batch.schema.equals(FINDINGS_SCHEMA)
    assert checked(batch) is batch
    order = [int(row["subject"]["id"][1:]) for row in batch.to_pylist()]
    assert order == sorted(order)


def test_no_findings_are_a_batch_without_rows(judge: TextJudge) -> None:
    batch = judge_batch(judge, listings_batch([make_listing(title="stoneware mug")]), AT)
    assert batch.num_rows == 0
    assert batch.schema.equals(FINDINGS_SCHEMA)
    assert judge_batch(judge, listings_batch([]), AT).num_rows == findings_batch([]).num_rows == 0


def test_evidence_shows_title_and_price_once(judge: TextJudge) -> None:
    title = "N1ke 莆田 高仿 1:1 " + "鞋" * 400
    batch = judge_batch(judge, listings_batch([make_listing(title=title, price=make_money(9_900))]), AT)
    for row in batch.to_pylist():
        first, *others = (json.loads(reason["evidence"]) for reason in row["reasons"])
        assert first["title"] == title[:TITLE_SHOWN_MAX]
        assert first["price"] == "99.00 CNY"
        assert not any("title" in other for other in others)


@pytest.mark.slow
def test_the_order_of_batches_does_not_matter(judge: TextJudge) -> None:
    listings = market()[:300]
    whole = judge_batch(judge, listings_batch(listings), AT)
    parts = [judge_batch(judge, listings_batch(listings[at : at + 50]), AT) for at in range(0, 300, 50)]
    assert pa.Table.from_batches(parts).to_pylist() == whole.to_pylist()
    unused = judge_batch(judge, listings_batch(listings).slice(100, 100), AT).to_pylist()
    assert unused == [row for row in whole.to_pylist() if 100 <= int(row["subject"]["id"][1:]) < 200]


def _remembering(registry: RegistrySnapshot, judge_cache: Path, at: str) -> CatalogueJudge:
    return prepare(registry, cache=judge_cache, report_line=0.5, at=at, key=bytes(range(16)))


def test_texts_that_come_again_change_nothing(registry: RegistrySnapshot, judge_cache: Path, judge: TextJudge) -> None:
    """Every listing thrice, at several prices, in several stores and categories, over several batches."""
    draw = random.Random(11)
    again = [
        replace(
            one,
            listing_id=f"{one.listing_id}-{turn}",
            store_id=f"s{draw.randrange(9)}",
            price=draw.choice([one.price, None, make_money(900, "CNY"), make_money(90_000, "CNY")]),
            category=draw.choice([one.category, one.category, "shoes"]),
        )
        for one in make_market(400, 77)
        for turn in range(3)
    ]
    draw.shuffle(again)
    opened = _remembering(registry, judge_cache, AT).open()
    found = 0
    for at in range(0, len(again), 300):
        batch = listings_batch(again[at : at + 300])
        expected = judge_batch(judge, batch, AT)
        assert opened(batch).equals(expected)
        found += expected.num_rows
    assert found > 50


@pytest.mark.slow
def test_every_worker_opens_the_same_judge(judge: TextJudge, registry: RegistrySnapshot, judge_cache: Path) -> None:
    source = prepare(registry, cache=judge_cache, report_line=judge.report_line, at=AT)
    assert source.version == judge.version
    again = pickle.loads(pickle.dumps(source))
    batch = listings_batch(market()[:200])
    assert again.open()(batch).equals(judge_batch(judge, batch, AT))


@pytest.mark.slow
def test_a_worker_opens_its_judge_without_the_store_or_the_web() -> None:
    """Each worker of a scan pays for what it imports."""
    code = "import sys, agoranomos.goods.listings.catalogue; print({'sqlalchemy', 'litestar'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
