"""What a scan did, in figures; summary.json."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec


class SourceCount(msgspec.Struct, frozen=True):
    """One file: data rows read, rows not judged, rows mended, and what is worth knowing of it."""

    file: str
    rows: int
    rejected: int
    repaired: int
    encoding: str = ""
    notes: list[str] = []


class PictureCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The pictures of a catalogue. Listings name `named`; `looked_at` of them were seen or known from before, the rest
    is in `skipped` by reason. `contents` counts different files, of which `decoded` were new; `words_read` had their
    words read, `words_left` were wanted and were not, for want of time. `seconds` is what that took."""

    named: int
    looked_at: int
    skipped: dict[str, int]
    contents: int
    decoded: int
    seconds: float
    words_read: int = 0
    words_left: int = 0
    notes: list[str] = []


class Timing(msgspec.Struct, frozen=True):
    """Figures that differ from run to run. `seconds` covers all calls of a resumed scan; `unchanged_rows` were judged
    in an earlier night."""

    seconds: float
    rows_per_s: float
    pictures_per_s: float
    peak_memory_bytes: int
    workers: int
    resumed_units: int = 0
    unchanged_rows: int = 0


class Summary(msgspec.Struct, frozen=True):
    """`rows` are all data rows read; each was judged, or is in `rejected` (and in
    rejects.parquet).

    `listings_flagged` counts listings. `by_code`, `by_reason`, `by_brand` and `by_store` count
    findings: a listing with three findings counts three times in all, once under each of their
    codes. `pictures` were looked at, of those that listings name; `pictures_skipped` were not, by reason.
    """

    rows: int
    judged: int
    rejected: int
    repaired: int
    findings: int
    listings_flagged: int
    pictures: int
    by_code: dict[str, int]
    by_reason: dict[str, int]
    by_brand: dict[str, int]
    by_store: dict[str, int]
    rejected_by_reason: dict[str, int]
    sources: list[SourceCount]
    at: str
    judge_version: str
    notes: list[str]
    seconds: float
    rows_per_s: float
    pictures_per_s: float
    timing: Timing
    pictures_skipped: dict[str, int] = {}
    picture_counts: PictureCounts | None = None

    def json(self) -> bytes:
        """Indented, with sorted keys."""
        return msgspec.json.format(msgspec.json.encode(self, order="sorted"), indent=2) + b"\n"


def write_json(summary: Summary, path: Path) -> None:
    """Writes `summary` and waits until it is on disk."""
    with path.open("wb") as file:
        file.write(summary.json())
        file.flush()
        os.fsync(file.fileno())
