"""Web logs from end to end: pairs, features, and who is worth a look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from agoranomos.access.harvest.judging import CODE, of_visitor
from agoranomos.access.harvest.policy import Policy
from agoranomos.access.harvest.telling import NAME, RELATED_MAX, VERSION
from agoranomos.access.logs.forms import FormName
from agoranomos.access.logs.reading import LogReader, Named, Read
from agoranomos.access.logs.templates import templates_of
from agoranomos.access.reach.windows import Windows
from agoranomos.kernel.calendar import begins
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.findings import Finding, Related, Subject, finding_id
from agoranomos.kernel.ids import derived

_NOBODY: Final = Named(user=False, name="")


class Pairing(Protocol):
    """Reads logs; see `reading.LogReader`."""

    read: Read

    def batches(self, inputs: Sequence[str | Path]) -> Iterator[pa.RecordBatch]: ...


class LogSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What was read and found; `early` lines are older than one before them by more than ten minutes."""

    lines: int
    pairs: int
    readers: int
    early: int
    refused: dict[str, int]
    findings: int
    cpu_s: float


def judge_logs(
    inputs: Sequence[str], out: Path, templates: Sequence[str], *, form: FormName | None, until: datetime,
    policy: Policy, reader: Pairing | None = None,
) -> LogSummary:  # fmt: skip
    """Writes readers.parquet, findings.jsonl, refused.jsonl and summary.json into `out`.

    `reader` reads in the place of this process, such as a cluster (`away`). Raises NotFound, Invalid.
    """
    reader, windows = reader or LogReader(templates_of(templates), until=until, form=form), Windows()
    for batch in reader.batches(inputs):
        windows.add(batch)
    table = windows.features()
    found = _findings(table, reader.read.principals, windows.last_day, policy)
    summary = LogSummary(
        lines=reader.read.lines, pairs=reader.read.pairs, readers=table.num_rows, early=reader.read.early,
        refused=reader.read.reasons, findings=len(found), cpu_s=round(reader.read.cpu_s, 3),
    )  # fmt: skip
    names = [reader.read.principals.get(each, _NOBODY) for each in table["principal"].to_pylist()]
    table = table.append_column("name", pa.array([each.name for each in names]))
    table = table.append_column("user", pa.array([each.user for each in names]))
    try:
        out.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, out / "readers.parquet", compression="zstd")
        (out / "findings.jsonl").write_bytes(_lines(found))
        (out / "refused.jsonl").write_bytes(_lines(reader.read.refused))
        (out / "summary.json").write_bytes(msgspec.json.format(msgspec.json.encode(summary)) + b"\n")
    except OSError as error:
        raise Invalid(f"{out} cannot be written to ({error.strerror}); name another folder") from error
    return summary


def _findings(table: pa.Table, named: dict[int, Named], last_day: int, policy: Policy) -> list[Finding]:
    if int((table["people_7"].to_numpy() > 0).sum()) < policy.visitors.readers_min:
        return []
    some = table.filter(pa.array(np.nan_to_num(table["excess_7"].to_numpy()) > 0)) if table.num_rows else table
    at = begins(last_day + 1)
    judged = [(row, of_visitor(row, policy)) for row in some.to_pylist()]
    sure = [(row, each) for row, each in judged if each.score >= policy.report_line]
    rings: dict[int, list[str]] = {}
    for row, _ in sure:
        rings.setdefault(row["group"], []).append(_name(row, named))
    found = []
    for row, each in sorted(sure, key=lambda pair: (-pair[1].score, pair[0]["principal"])):
        subject = Subject("principal", _name(row, named))
        fellows = [other for other in rings[row["group"]] if other != subject.id][:RELATED_MAX]
        found.append(
            Finding(
                id=finding_id(CODE, subject, f"{row['principal']:016x}"), at=rfc3339(at), code=CODE, subject=subject,
                score=each.score, reasons=each.reasons, detector=NAME, version=VERSION,
                related=tuple(Related("principal", other, "member") for other in fellows),
                ring_id=derived("ring", NAME, f"{row['group']:016x}", rfc3339(at)[:10]) if fellows else None,
            )
        )  # fmt: skip
    return found


def _name(row: dict[str, Any], named: dict[int, Named]) -> str:
    """What a reader is called: the user, or address and client of a visitor."""
    known = named.get(row["principal"], _NOBODY)
    return known.name if known.user else f"{known.name}#{row['principal'] & 0xFFFFFFFF:08x}"


def _lines(values: Sequence[Any]) -> bytes:
    return b"".join(msgspec.json.encode(each) + b"\n" for each in values)
