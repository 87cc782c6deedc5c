"""The readable page of a scan: the worst first, everything escaped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agoranomos.engine.scan.schema import FINDINGS_SCHEMA
from agoranomos.engine.scan.summary import SourceCount, Summary, Timing
from agoranomos.goods.listings import report
from agoranomos.goods.listings.catalogue import findings_batch
from agoranomos.goods.listings.fusion import FUSED_CODES, Priors, assess
from agoranomos.goods.listings.model import Concern, Quote, Signal
from agoranomos.goods.names import code_names
from tests.builders import make_listing

AT = "2026-05-01T00:00:00Z"
HOSTILE = "<script>alert('x')</script> \" onload=x {{ 7*7 }} & Nike"


def make_summary(**fields: Any) -> Summary:
    given: dict[str, Any] = {
        "rows": 10, "judged": 9, "rejected": 1, "repaired": 0, "findings": 1, "listings_flagged": 1,
        "pictures": 0, "by_code": {},
        "by_reason": {}, "by_brand": {}, "by_store": {}, "rejected_by_reason": {}, "at": AT,
        "judge_version": "v", "notes": [],
        "sources": [SourceCount("a.csv", 10, 1, 0)], "seconds": 1.0, "rows_per_s": 10.0, "pictures_per_s": 0.0,
        "timing": Timing(1.0, 10.0, 0.0, 1, 1),
    }  # fmt: skip
    return Summary(**{**given, **fields})


def write_findings(path: Path, listings: list[tuple[str, str, float]]) -> Path:
    """Findings of listings (id, title, weight), each quoting the first four characters of its title."""
    pairs = []
    for listing_id, title, weight in listings:
        listing = make_listing(listing_id, title=title, store_id=f"store of {listing_id}")
        quotes = (Quote("title", 0, 4, title[:4], "<b>reads</b>"),) if title else ()
        signal = Signal(
            code="goods.x",
            concern=Concern.COUNTERFEIT,
            weight=weight,
            message=f"“{title[:4]}” is odd.",
            message_zh="奇怪。",
            quotes=quotes,
        )
        found = assess(listing, "shoes", [signal], priors=Priors(), report_line=0.1, at=AT)
        pairs += [(finding, listing) for finding in found.findings]
    pq.write_table(pa.Table.from_batches([findings_batch(pairs)], schema=FINDINGS_SCHEMA), path)
    return path


def page(tmp_path: Path, listings: list[tuple[str, str, float]], **fields: Any) -> str:
    findings = write_findings(tmp_path / "findings.parquet", listings)
    report.write(findings, make_summary(**fields), tmp_path / "summary.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["findings.parquet", "summary.html"]
    return (tmp_path / "summary.html").read_text("utf-8")


def test_hostile_texts_are_escaped(tmp_path: Path) -> None:
    html = page(
        tmp_path,
        [("<img src=x>", HOSTILE, 6.0)],
        by_store={"<script>s</script>": 1},
        by_brand={'"><svg onload=x>': 1},
        notes=["<script>n</script>"],
        sources=[SourceCount("<script>f</script>.csv", 1, 0, 0)],
    )
    assert "<script" not in html
    assert "<svg" not in html
    assert "<img" not in html
    assert "<b>reads" not in html
    assert "&lt;script&gt;n&lt;/script&gt;" in html
    assert "{{ 7*7 }}" in html, "a template in a title is text"


def test_the_suspicious_words_are_marked(tmp_path: Path) -> None:
    html = page(tmp_path, [("l1", "N1ke shoes", 6.0)])
    assert re.search(r"<mark><ruby>N1ke<rt>", html)
    assert "store of l1" in html
    assert "+6.0" in html


def test_the_worst_come_first_and_each_once(tmp_path: Path) -> None:
    listings = [(f"l{n}", f"title {n}", 4.0 + n / 10) for n in range(30)]
    shown = report.worst(write_findings(tmp_path / "f.parquet", listings), 10)
    assert [one.listing_id for one in shown] == [f"l{n}" for n in range(29, 19, -1)]
    assert "".join(piece.text for piece in shown[0].title) == "title 29"


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_worst_of_many_are_those_of_a_full_sort(tmp_path: Path, count: int) -> None:
    weights = [(n * 7919) % 1000 / 250 + 2.5 for n in range(900)]
    findings = write_findings(tmp_path / "f.parquet", [(f"l{n}", "title", w) for n, w in enumerate(weights)])
    rows = pq.read_table(findings).to_pylist()
    best = sorted(((row["score"], row["subject"]["id"]) for row in rows), key=lambda r: (-r[0], r[1]))
    shown = report.worst(findings, count)
    assert [one.score for one in shown] == [score for score, _ in best[:count]]
    assert len({one.listing_id for one in shown}) == count


def test_nothing_found(tmp_path: Path) -> None:
    html = page(tmp_path, [], rows=1, judged=1, rejected=0, findings=0, listings_flagged=0)
    assert "No listing reached the report line" in html
    assert "The worst listings" not in html
    (tmp_path / "summary.html").unlink()
    empty = page(tmp_path, [], rows=0, judged=0, rejected=0, findings=0, listings_flagged=0)
    assert "There was nothing to judge" in empty


def test_codes_stand_beside_their_plain_names(tmp_path: Path) -> None:
    counts = {"goods.price_too_low": 3, "goods.suspected_counterfeit": 2}
    html = page(tmp_path, [("l1", "N1ke shoes", 6.0)], by_code=counts, rejected_by_reason={"negative": 1})
    assert "price too low to be genuine<br><code>goods.price_too_low</code>" in html
    assert "all signs of a fake together<br><code>goods.suspected_counterfeit</code>" in html
    assert "a price is not below zero<br><code>negative</code>" in html


def test_every_finding_has_a_name() -> None:
    assert set(FUSED_CODES.values()) < set(code_names())
    assert all(re.fullmatch(r"[a-z ]{8,45}", name) for name in code_names().values())


def test_a_title_of_odd_characters(tmp_path: Path) -> None:
    html = page(tmp_path, [("l1", "N\u200b\u202e𝐢\0ke", 6.0), ("l2", "", 6.0)])
    assert "𝐢" in html


def test_summary_is_kept_as_it_is() -> None:
    summary = make_summary()
    assert msgspec.json.decode(summary.json(), type=Summary) == summary
