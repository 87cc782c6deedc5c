"""The readable page of a scan: the worst listings with the suspicious words marked, and what was counted."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
from jinja2 import Environment, PackageLoader, StrictUndefined

from agoranomos.engine.scan.rejects import REASONS
from agoranomos.engine.scan.summary import Summary
from agoranomos.goods.listings.highlight import Piece, Words, pieces
from agoranomos.goods.names import code_names, skip_names

WORST_SHOWN = 100
_BATCH_ROWS = 8_192


class Shown(msgspec.Struct, frozen=True):
    """One listing on the page; `title` cut into plain and marked pieces, `reasons` as (weight, message)."""

    listing_id: str
    store_id: str
    score: float
    price: str
    title: list[Piece]
    reasons: list[tuple[float, str]]


def worst(findings: Path, count: int = WORST_SHOWN) -> list[Shown]:
    """The `count` listings with the highest scores, each once, by their finding with the most reasons."""
    best: dict[str, tuple[float, int, dict[str, Any]]] = {}
    for row in _rows(findings):
        listing_id = row["subject"]["id"]
        rank = (row["score"], len(row["reasons"]))
        known = best.get(listing_id)
        if known is None or rank > known[:2]:
            best[listing_id] = (*rank, row)
        if len(best) > 4 * count:
            kept = heapq.nlargest(count, best.items(), key=lambda item: (item[1][0], item[1][1], item[0]))
            best = dict(kept)
    ordered = sorted(best.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))[:count]
    return [_shown(row) for _, (_, _, row) in ordered]


def _rows(findings: Path) -> Iterator[dict[str, Any]]:
    columns = ["subject", "score", "reasons", "related"]
    with pq.ParquetFile(findings) as file:
        for batch in file.iter_batches(_BATCH_ROWS, columns=columns):
            yield from batch.to_pylist()


def _shown(row: dict[str, Any]) -> Shown:
    evidence = [json.loads(reason["evidence"]) for reason in row["reasons"]]
    title = str(evidence[0].get("title") or "")
    spans = [
        Words(quote["start"], quote["end"], quote["text"], quote["reads"])
        for one in evidence
        for quote in one.get("quotes", ())
        if quote["field"] == "title"
    ]
    store = next((r["id"] for r in row["related"] if r["kind"] == "store"), "")
    reasons = [
        (float(one.get("weight", 0.0)), reason["message"]) for one, reason in zip(evidence, row["reasons"], strict=True)
    ]
    return Shown(
        listing_id=row["subject"]["id"],
        store_id=store,
        score=row["score"],
        price=str(evidence[0].get("price") or ""),
        title=pieces(title, spans),
        reasons=reasons,
    )


def write(findings: Path, summary: Summary, target: Path) -> None:
    """Writes the page to `target`; it needs no other file."""
    environment = Environment(
        loader=PackageLoader("agoranomos.goods.listings", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
    )
    page = environment.get_template("listings/scan.html").render(
        summary=summary, worst=worst(findings), names={**skip_names(), **code_names(), **REASONS}
    )
    draft = target.with_name(f".{target.name}.draft")
    draft.write_text(page, encoding="utf-8")
    draft.replace(target)
