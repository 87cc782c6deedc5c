"""Compiles what reading logs and judging readers need, so that nobody waits for it later."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from agoranomos.access.logs.reading import LogReader
from agoranomos.access.logs.templates import templates_of
from agoranomos.access.reach.windows import Windows

_LINE = '192.0.2.1 - - [01/Jan/2026:00:00:00 +0000] "GET /users/u1 HTTP/1.1" 200 1 "-" "warm"\n'
_UNTIL = datetime(2026, 1, 2, tzinfo=UTC)


def warm_up() -> None:
    """Goes the whole way once, from a line of a log to what its readers come to."""
    reader, windows = LogReader(templates_of(["/users/{user}"]), until=_UNTIL), Windows()
    with TemporaryDirectory() as folder:
        log = Path(folder) / "access.log"
        log.write_text(_LINE, encoding="utf-8")
        for batch in reader.batches([log]):
            windows.add(batch)
    many = np.arange(1, 4_000, dtype=np.uint64)  # more than the first table of numbers holds
    windows.add_pairs(many, many, np.zeros(len(many), np.int64), many, np.zeros(len(many), np.bool_))
    windows.features()
