"""Small judges that spawned workers can import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from agoranomos.engine.scan.judging import Judge
from agoranomos.engine.scan.schema import FINDINGS_SCHEMA, LISTING_SCHEMA


def findings_for(listings: pa.RecordBatch, code: str = "goods.word") -> pa.RecordBatch:
    """One finding for each listing."""
    rows = [
        {
            "id": f"f_{listing['listing_id']}",
            "at": "2026-05-01T00:00:00Z",
            "code": code,
            "subject": {"kind": "listing", "id": listing["listing_id"]},
            "score": 0.9,
            "reasons": [{"code": "word", "message": listing["title"], "evidence": "{}"}],
            "related": [{"kind": "brand", "id": "b1", "role": "victim"}],
            "ring_id": None,
            "revision": 1,
            "event_ids": [],
            "detector": "word",
            "version": "1",
            "status": "live",
        }
        for listing in listings.to_pylist()
    ]
    return pa.RecordBatch.from_pylist(rows, schema=FINDINGS_SCHEMA)


class Word(msgspec.Struct, frozen=True):
    """Flags titles that contain `word`; gives its findings in reverse order, as a judge may."""

    word: str = "replica"
    version: str = "1"
    delay: float = 0.0

    def open(self) -> Judge:
        def judge(batch: pa.RecordBatch) -> pa.RecordBatch:
            assert batch.schema.equals(LISTING_SCHEMA)
            batch.validate(full=True)
            time.sleep(self.delay)
            flagged = batch.filter(pc.match_substring(batch.column("title"), self.word))
            return findings_for(flagged.take(pa.array(range(flagged.num_rows - 1, -1, -1), pa.int64())))

        return judge


class Everything(msgspec.Struct, frozen=True):
    """Writes down each title in a finding, so that a test sees what a judge got."""

    version: str = "1"

    def open(self) -> Judge:
        return findings_for


class Killed(msgspec.Struct, frozen=True):
    """Its process is killed over the title `poison`; once only when `once` names a file."""

    once: str = ""
    version: str = "1"

    def open(self) -> Judge:
        def judge(batch: pa.RecordBatch) -> pa.RecordBatch:
            if "poison" in batch.column("title").to_pylist():
                mark = Path(self.once) if self.once else None
                if mark is None or not mark.exists():
                    if mark is not None:
                        mark.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
            return findings_for(batch)

        return judge


class Broken(msgspec.Struct, frozen=True):
    """Raises."""

    version: str = "1"

    def open(self) -> Judge:
        def judge(batch: pa.RecordBatch) -> pa.RecordBatch:
            raise ValueError("no such pattern")

        return judge
