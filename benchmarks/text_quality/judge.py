"""Judge findings: recall on planted fakes by family, false alarms on honest sets.

``python -m benchmarks.text_quality.judge --findings F.parquet --truth truth.jsonl`` prints recall
at the two lines of the contract, 0.5 (worth a person's time) and 0.9 (may act alone), with Wilson
95 % intervals. Any finding whose subject is that listing counts; ``--code PREFIX`` counts only
some.

``--honest LISTINGS.parquet`` judges a catalogue without fakes instead: flagged listings per 10,000,
what they were flagged for, and a seeded sample to read.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.text_quality.plant import CONTROL

LINES = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Rate:
    """Hits of a number of trials with the Wilson 95 % interval."""

    hits: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The plain rate; 0 without trials."""
        return self.hits / self.n if self.n else 0.0

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def wilson(hits: int, n: int, z: float = 1.959964) -> Rate:
    """The Wilson score interval: honest also near 0 and 1 and for small n."""
    if n == 0:
        return Rate(0, 0, 0.0, 1.0)
    p = hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Rate(hits, n, max(0.0, middle - half), min(1.0, middle + half))


@dataclass(slots=True)
class Hit:
    """What was found on one listing: the best score, every code, every reason."""

    score: float = 0.0
    codes: set[str] = field(default_factory=set)
    reasons: list[str] = field(default_factory=list)


def _reason_text(reason: object) -> str:
    if isinstance(reason, Mapping):
        return str(reason.get("message") or reason.get("code") or dict(reason))
    return str(reason)


def read_findings(path: Path, code_prefix: str = "") -> dict[str, Hit]:
    """Findings by listing id."""
    hits: dict[str, Hit] = {}
    table = pq.read_table(path)
    wanted = [c for c in ("code", "subject", "score", "reasons") if c in table.column_names]
    for row in table.select(wanted).to_pylist():
        subject: Any = row["subject"]
        if isinstance(subject, str):
            subject = json.loads(subject)
        code = str(row.get("code") or "")
        if subject.get("kind") != "listing" or not code.startswith(code_prefix):
            continue
        hit = hits.setdefault(str(subject["id"]), Hit())
        hit.score = max(hit.score, float(row["score"]))
        hit.codes.add(code)
        reasons: Any = row.get("reasons") or []
        if isinstance(reasons, str):
            reasons = json.loads(reasons)
        hit.reasons.extend(f"{code} {float(row['score']):.2f}: {_reason_text(r)}" for r in reasons)
    return hits


def read_truth(path: Path) -> list[dict[str, str]]:
    """Rows of truth.jsonl."""
    with path.open(encoding="utf-8") as handle:
        return [json.loads(line) for line in handle if line.strip()]


@dataclass(slots=True)
class FamilyResult:
    """Recall of one family (or technique) at both lines."""

    family: str
    at_05: Rate
    at_09: Rate
    codes: dict[str, int]
    missed: list[str]


def recall(truth: Iterable[Mapping[str, str]], hits: Mapping[str, Hit], by: str = "family") -> list[FamilyResult]:
    """Recall by family or, with by="technique", by family and technique; worst first."""
    groups: dict[str, list[Mapping[str, str]]] = {}
    for row in truth:
        name = row["family"] if by == "family" else f"{row['family']}: {row['technique']}"
        groups.setdefault(name, []).append(row)
    results = []
    for name, rows in groups.items():
        scores = {r["listing_id"]: hits.get(r["listing_id"], Hit()) for r in rows}
        found = [sum(h.score >= line for h in scores.values()) for line in LINES]
        codes = Counter(code for h in scores.values() if h.score >= LINES[0] for code in h.codes)
        missed = [key for key, h in scores.items() if h.score < LINES[0]]
        results.append(
            FamilyResult(
                name,
                wilson(found[0], len(rows)),
                wilson(found[1], len(rows)),
                dict(codes.most_common(4)),
                missed,
            )
        )
    results.sort(key=lambda r: (r.family.startswith(CONTROL), r.at_05.value, r.family))
    return results


@dataclass(slots=True)
class HonestResult:
    """False alarms on one honest set."""

    name: str
    n: int
    at_05: Rate
    at_09: Rate
    codes: dict[str, int]
    sample: list[dict[str, Any]]

    def per_10k(self, line: float) -> float:
        """Flagged listings per 10,000 at 0.5 or 0.9."""
        return 10_000 * (self.at_05 if line == LINES[0] else self.at_09).value


def false_alarms(listings: Path, hits: Mapping[str, Hit], seed: int = 7, sample: int = 100) -> HonestResult:
    """False alarms on honest listings with a seeded sample to read."""
    table = pq.read_table(listings, columns=["listing_id", "title", "price_amount", "currency"])
    rows = table.to_pylist()
    flagged = [r for r in rows if hits.get(r["listing_id"], Hit()).score >= LINES[0]]
    strong = sum(hits[r["listing_id"]].score >= LINES[1] for r in flagged)
    codes = Counter(code for r in flagged for code in hits[r["listing_id"]].codes)
    picked = random.Random(seed).sample(flagged, min(sample, len(flagged)))
    return HonestResult(
        listings.stem,
        len(rows),
        wilson(len(flagged), len(rows)),
        wilson(strong, len(rows)),
        dict(codes.most_common(8)),
        [{**r, "score": hits[r["listing_id"]].score, "reasons": hits[r["listing_id"]].reasons} for r in picked],
    )


def recall_markdown(results: Iterable[FamilyResult]) -> str:
    """The recall table."""
    kept = list(results)
    lines = [
        "| family | n | recall at 0.5 [95 %] | recall at 0.9 [95 %] | found as |",
        "|---|---:|---|---|---|",
    ]
    fakes = [r for r in kept if not r.family.startswith(CONTROL)]
    for r in kept:
        name = r.family if r in fakes else f"*{r.family} (honest: lower is better)*"
        codes = ", ".join(f"{code} {count}" for code, count in r.codes.items())
        lines.append(f"| {name} | {r.at_05.n} | {r.at_05} | {r.at_09} | {codes} |")
    if fakes:
        whole = [
            wilson(sum(getattr(r, at).hits for r in fakes), sum(getattr(r, at).n for r in fakes))
            for at in ("at_05", "at_09")
        ]
        lines.append(f"| **all fakes** | {whole[0].n} | {whole[0]} | {whole[1]} | |")
    return "\n".join(lines)


def honest_markdown(results: Iterable[HonestResult]) -> str:
    """The table of false alarms."""
    lines = [
        "| honest set | n | per 10,000 at 0.5 [95 %] | per 10,000 at 0.9 [95 %] | flagged as |",
        "|---|---:|---|---|---|",
    ]
    for r in results:
        cells = [
            f"{10_000 * rate.value:.1f} [{10_000 * rate.low:.1f}, {10_000 * rate.high:.1f}]"
            for rate in (r.at_05, r.at_09)
        ]
        codes = ", ".join(f"{code} {count}" for code, count in r.codes.items())
        lines.append(f"| {r.name} | {r.n} | {cells[0]} | {cells[1]} | {codes} |")
    return "\n".join(lines)


def sample_text(result: HonestResult) -> str:
    """The sample of flagged honest listings, for reading."""
    lines = []
    for row in result.sample:
        lines.append(f"[{row['score']:.2f}] {row['title']}  ({row['price_amount']} {row['currency']})")
        lines.extend(f"    {reason}" for reason in row["reasons"])
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=Path, required=True)
    parser.add_argument("--truth", type=Path, help="truth.jsonl of the planted fakes")
    parser.add_argument("--honest", type=Path, help="the honest LISTINGS that were scanned")
    parser.add_argument("--by", choices=("family", "technique"), default="family")
    parser.add_argument("--code", default="", help="count only findings whose code begins so")
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    if not args.truth and not args.honest:
        parser.error("give --truth or --honest")
    hits = read_findings(args.findings, args.code)
    answer: dict[str, Any] = {}
    if args.truth:
        families = recall(read_truth(args.truth), hits, args.by)
        answer["recall"] = [asdict(r) for r in families]
        if not args.json:
            print(recall_markdown(families))
    if args.honest:
        honest = false_alarms(args.honest, hits, args.seed, args.sample)
        answer["honest"] = asdict(honest)
        if not args.json:
            print(honest_markdown([honest]))
            print()
            print(sample_text(honest))
    if args.json:
        print(json.dumps(answer, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
