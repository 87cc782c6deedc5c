"""The judge of listings as the catalogue scan wants it: Arrow batches in, findings out, in every worker."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa

from agoranomos.engine.scan.judging import Judge
from agoranomos.engine.scan.schema import FINDINGS_SCHEMA
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.snapshot import RegistrySnapshot
from agoranomos.goods.listings.judge import EPOCH, NO_REMARKS, Remark, TextJudge, batch_listings, build_judge
from agoranomos.goods.listings.model import Listing
from agoranomos.goods.listings.restricted import NOTHING_ALLOWED, RestrictedPolicy
from agoranomos.goods.profiles.model import Profiles
from agoranomos.kernel.findings import Finding

TITLE_SHOWN_MAX = 300
_YOUNG_MAX: Final = 50_000
"""Objects after which those made since are searched for garbage, and such searches before one of all."""


class CatalogueJudge(msgspec.Struct, frozen=True):
    """Opens the same judge in every worker: `cache` holds the compiled lexicons and `snapshot_file` the registry.

    `at` (RFC 3339) dates findings of listings that do not say when they were listed; `profiles` None: the shipped ones;
    `key`: 16 bytes by which texts that came to nothing are remembered, none: no text is. What is found is the same.
    """

    cache: Path
    snapshot_file: Path
    report_line: float
    at: str
    version: str
    profiles: Profiles | None = None
    restricted: RestrictedPolicy = NOTHING_ALLOWED
    key: bytes = b""

    def open(self) -> Judge:
        """The judge as a function of batches, in a process that does nothing else."""
        judge, _ = self.judge()
        # What a batch leaves behind holds no cycles and goes by itself. To search all that was read of it so far, again
        # and again, took a fifth of the time.
        gc.set_threshold(_YOUNG_MAX, _YOUNG_MAX, _YOUNG_MAX)
        return lambda batch: judge_batch(judge, batch, self.at)

    def judge(self, report_line: float | None = None) -> tuple[TextJudge, tuple[Brand, ...]]:
        """The judge (with another report line, where one is given), and the registry that it goes by."""
        brands = msgspec.msgpack.decode(self.snapshot_file.read_bytes(), type=tuple[Brand, ...])
        judge = build_judge(
            RegistrySnapshot(brands), cache=self.cache, report_line=report_line or self.report_line,
            profiles=self.profiles, restricted=self.restricted,
        )  # fmt: skip
        if self.key:
            judge.remember_texts(self.key)
        # The registry lives as long as the worker; nothing in it is garbage to look for again and again.
        gc.collect()
        gc.freeze()
        return judge, brands


def prepare(
    snapshot: RegistrySnapshot,
    *,
    cache: Path,
    report_line: float,
    at: str = EPOCH,
    profiles: Profiles | None = None,
    restricted: RestrictedPolicy = NOTHING_ALLOWED,
    key: bytes = b"",
) -> CatalogueJudge:
    """Compiles what the workers will open, and writes the registry beside it."""
    judge = build_judge(snapshot, cache=cache, report_line=report_line, profiles=profiles, restricted=restricted)
    snapshot_file = cache / "snapshots" / f"{snapshot.version}.msgpack"
    if not snapshot_file.exists():
        snapshot_file.parent.mkdir(parents=True, exist_ok=True)
        draft = snapshot_file.with_suffix(".draft")
        draft.write_bytes(msgspec.msgpack.encode(snapshot.brands))
        draft.replace(snapshot_file)
    return CatalogueJudge(cache, snapshot_file, report_line, at, judge.version, profiles, restricted, key)


def judge_batch(
    judge: TextJudge, batch: pa.RecordBatch, at: str, remarks: Mapping[int, Remark] = NO_REMARKS
) -> pa.RecordBatch:
    """The findings of a batch of LISTING_SCHEMA as a batch of FINDINGS_SCHEMA, in row order."""
    verdicts = judge.assess_batch(batch, at=at, remarks=remarks)
    if not any(assessment.findings for assessment in verdicts.assessments):
        return pa.RecordBatch.from_pylist([], schema=FINDINGS_SCHEMA)
    found = [(row, a) for row, a in zip(verdicts.rows, verdicts.assessments, strict=True) if a.findings]
    listings = batch_listings(batch.take(pa.array([row for row, _ in found], pa.int64())))
    return findings_batch(
        (finding, listing)
        for (_, assessment), listing in zip(found, listings, strict=True)
        for finding in assessment.findings
    )


def findings_batch(findings: Iterable[tuple[Finding, Listing]]) -> pa.RecordBatch:
    """Findings with the listing that they are about, as columns."""
    return pa.RecordBatch.from_pylist([_row(*pair) for pair in findings], schema=FINDINGS_SCHEMA)


def _row(finding: Finding, listing: Listing) -> dict[str, Any]:
    shown = {
        "title": listing.title[:TITLE_SHOWN_MAX],
        "price": str(listing.price) if listing.price else None,
    }
    reasons = [
        {
            "code": reason.code,
            "message": reason.message,
            "evidence": json.dumps(
                {**(shown if number == 0 else {}), **reason.evidence},
                ensure_ascii=False,
                sort_keys=True,
            ),
        }
        for number, reason in enumerate(finding.reasons)
    ]
    return {
        "id": finding.id,
        "at": finding.at,
        "code": finding.code,
        "subject": {"kind": finding.subject.kind, "id": finding.subject.id},
        "score": finding.score,
        "reasons": reasons,
        "related": [{"kind": r.kind, "id": r.id, "role": r.role} for r in finding.related],
        "ring_id": finding.ring_id,
        "revision": finding.revision,
        "event_ids": list(finding.event_ids),
        "detector": finding.detector,
        "version": finding.version,
        "status": finding.status,
    }
