"""A small package with everything in it that a package can have."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

from agoranomos.audit.actions import checkpoint, record
from agoranomos.audit.model import Entry
from agoranomos.audit.notes import SigningKey
from agoranomos.evidence import verify
from agoranomos.evidence.archive import PackageWriter
from agoranomos.evidence.proofs import Proofs
from agoranomos.evidence.summary import Fact, Summary, Table, drawn
from agoranomos.kernel.actors import SYSTEM
from agoranomos.kernel.store import Store
from tests.builders import NOW

KEY = SigningKey("agoranomos.test/evidence", bytes(32))
LOG = SigningKey("agoranomos.test/audit", bytes([7]) * 32)
SUMMARY = Summary(
    chinese="案件移送摘要", english="Summary of a referral", facts=(Fact("嫌疑人", "suspects", "2"),),
    tables=(Table("人员", "people", ("编号 id",), tuple((f"p-{each}",) for each in range(50))),), remarks=("<b>&",),
)  # fmt: skip


def made(store: Store, entries: int = 5) -> bytes:
    """The bytes of a package with proofs of `entries` entries of the log of `store`."""
    with store.transaction() as connection:
        for number in range(entries):
            at = NOW + timedelta(seconds=number)
            record(connection, Entry(at=at, actor=SYSTEM, verb="a.b", subject_kind="case", subject_id=f"c-{number}"))
        checkpoint(connection, LOG, NOW)
    out = io.BytesIO()
    writer = PackageWriter(out)
    writer.add("README.txt", b"Evidence.\n")
    writer.add_lines("people.jsonl", [{"id": "r0"}, {"id": "r1"}])
    writer.add_amounts([("r0", "suspect", "coupons", 9_960, "CNY", 1), ("r1", "suspect", "coupons", 40, "CNY", 2)])
    writer.add("summary.pdf", drawn(SUMMARY))
    writer.add("documents/note.txt", b"what a clerk wrote")
    with store.reading() as connection:
        proofs = Proofs(connection)
        writer.add(verify.CHECKPOINT, proofs.note.encode())
        writer.add_lines(verify.ENTRIES, proofs.of(range(entries)))
    writer.finished("referral", "pk_1", KEY, made_at="2026-05-01T08:00:00Z", audit_key=str(LOG.verifier))
    return out.getvalue()


def members(raw: bytes) -> dict[str, bytes]:
    """The files of an archive."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: dict[str, bytes], out: Path) -> Path:
    """An archive of `files`."""
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out


def run(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program by itself: no package of this environment can be imported."""
    command = [sys.executable, "-I", "-S", str(program), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=program.parent)
