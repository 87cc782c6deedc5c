"""Files of web logs as Arrow batches of pairs: who asked (principal), who was shown (subject), when, by which client.

A principal is the signed-in user, else the visitor: an address (of IPv6 the first 64 bits, which are one household's)
together with an agent, so that a campus behind one address is not one visitor. Both are 64-bit hashes; what principals
are called is kept beside them, once each, and nothing else of a line is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from agoranomos.access.logs import kernels
from agoranomos.access.logs.files import log_files
from agoranomos.access.logs.forms import Form, FormName, form_of, json_names
from agoranomos.access.logs.templates import Templates
from agoranomos.engine.scan.sources import Source
from agoranomos.engine.scan.streams import DAMAGED, opened
from agoranomos.kernel.errors import Invalid

SCHEMA: Final = pa.schema([
    ("principal", pa.uint64()), ("subject", pa.uint64()), ("time", pa.timestamp("us", "UTC")), ("agent", pa.uint64()),
    ("network", pa.uint64()), ("status", pa.uint16()), ("writes", pa.bool_()),
])  # fmt: skip
"""`subject` is null for a line that changes something and shows nobody; `network` is a /24, or a /48 of IPv6."""
BLOCK_BYTES: Final = 8 << 20
REFUSED_KEPT: Final = 1_000
_HEAD_BYTES: Final = 64 << 10
_DAYS_BACK: Final = timedelta(days=20_000)
_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Refused(msgspec.Struct, frozen=True):
    """A line (from 1) that is none, and why; nothing of what it says."""

    file: str
    line: int
    reason: str


class Named(msgspec.Struct, frozen=True):
    """What a principal is called: a signed-in user, or the address of a visitor."""

    user: bool
    name: str


class Read(msgspec.Struct):
    """What was read so far. `refused` are the first REFUSED_KEPT lines that could not be taken, `reasons` count all;
    `principals` maps hashes to names. `early` counts lines that are more than ten minutes older than one before them in
    their file: a clock that was set back, or files that were put together.
    """

    lines: int = 0
    pairs: int = 0
    early: int = 0
    reasons: dict[str, int] = {}
    refused: list[Refused] = []
    principals: dict[int, Named] = {}
    cpu_s: float = 0.0


class LogReader:
    """Reads files under one key: the same user is the same number in all of them.

    `templates` say which addresses show whom (`templates`; none: every page but pictures, styles and scripts is a
    subject). Lines later than `until` or much too old are refused. `key` is 16 bytes: a secret, where numbers must not
    be guessed back to addresses.
    """

    def __init__(
        self, templates: Templates, *, until: datetime, key: bytes = bytes(16), form: FormName | None = None
    ) -> None:
        if len(key) != 16:
            raise Invalid("the key of hashes has 16 bytes")
        self._templates, self._form = templates, form
        self._keys = (np.uint64(int.from_bytes(key[:8], "little")), np.uint64(int.from_bytes(key[8:], "little")))
        latest = (until + timedelta(days=1) - _EPOCH) // timedelta(microseconds=1)
        self._span = (max(0, latest - _DAYS_BACK // timedelta(microseconds=1)), latest)
        self._names = json_names()
        self.read = Read()

    def batches(self, inputs: Sequence[str | Path]) -> Iterator[pa.RecordBatch]:
        """The pairs of all lines of `inputs` (files, folders, globs; also .gz and .zst), in batches of SCHEMA.

        Raises NotFound and Invalid for files that cannot be read; a line that cannot is counted.
        """
        for source in log_files(inputs):
            yield from self._file(source)

    def _file(self, source: Source) -> Iterator[pa.RecordBatch]:
        name, before, newest = Path(source.path).name, 0, 0
        form: Form | None = None
        try:
            with opened(source) as stream:
                for block in _whole_lines(stream):
                    form = form or form_of(block[:_HEAD_BYTES], self._form)
                    batch, lines, newest = self._block(block, form, name, before, newest)
                    before += lines
                    if batch.num_rows:
                        yield batch
        except DAMAGED as error:
            raise Invalid(f"{name} is damaged after line {before}") from error

    def _block(self, block: bytes, form: Form, name: str, before: int, newest: int) -> tuple[pa.RecordBatch, int, int]:
        begun = time.thread_time()
        count = block.count(b"\n")
        numbers, times = np.empty((count, 4), np.uint64), np.empty(count, np.int64)
        named, states = np.empty((count, 3), np.int64), np.empty((count, 2), np.int64)
        refused = np.zeros(count, np.int64)
        made, buffer = self._templates, np.frombuffer(block, np.uint8)
        lines, pairs = kernels.taken_apart(
            buffer, 0, len(block), form.code, form.columns, *self._names, made.rows, made.parts, made.literals,
            made.tags, *self._keys, *self._span, numbers, times, named, states, refused,
        )  # fmt: skip
        self._count(refused[:lines], name, before)
        self._name(block, numbers[:pairs, 0], named[:pairs])
        times = times[:pairs]
        latest = np.maximum.accumulate(np.concatenate([np.array([newest], np.int64), times]))
        self.read.early += int((latest[:-1] - times > 600_000_000).sum())
        self.read.lines += lines
        self.read.pairs += pairs
        batch = _batch(numbers[:pairs], times, states[:pairs])
        self.read.cpu_s += time.thread_time() - begun
        return batch, lines, int(latest[-1])

    def _count(self, refused: npt.NDArray[np.int64], name: str, before: int) -> None:
        for line in np.flatnonzero(refused)[: max(0, REFUSED_KEPT - len(self.read.refused))]:
            reason = kernels.REASONS[refused[line]]
            self.read.refused.append(Refused(name, before + int(line) + 1, reason))
        for code, count in enumerate(np.bincount(refused, minlength=len(kernels.REASONS))):
            if code and count:
                reason = kernels.REASONS[code]
                self.read.reasons[reason] = self.read.reasons.get(reason, 0) + int(count)

    def _name(self, block: bytes, principals: npt.NDArray[np.uint64], named: npt.NDArray[np.int64]) -> None:
        known = self.read.principals
        unique, first = np.unique(principals, return_index=True)
        for principal, at in zip(unique.tolist(), first.tolist(), strict=True):
            if principal not in known:
                begin, end, user = named[at].tolist()
                known[principal] = Named(bool(user), block[begin : min(end, begin + 128)].decode("utf-8", "replace"))


def _batch(numbers: npt.NDArray[np.uint64], times: npt.NDArray[np.int64], states: npt.NDArray[np.int64]) -> Any:
    subject = np.ascontiguousarray(numbers[:, 1])
    columns = [
        pa.array(np.ascontiguousarray(numbers[:, 0])),
        pa.array(subject, mask=subject == 0),
        pa.array(times).cast(SCHEMA.field("time").type),
        pa.array(np.ascontiguousarray(numbers[:, 2])),
        pa.array(np.ascontiguousarray(numbers[:, 3])),
        pa.array(states[:, 0].astype(np.uint16)),
        pa.array(states[:, 1].astype(np.bool_)),
    ]
    return pa.record_batch(columns, schema=SCHEMA)


def _whole_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Blocks that end behind a line; what has no end within a block is cut down to a line that is too long."""
    rest = b""
    while read := stream.read(BLOCK_BYTES):
        end = read.rfind(b"\n") + 1
        if end:
            yield rest + read[:end]
            rest = read[end:]
        else:
            rest = (rest + read)[: kernels.LINE_MAX + 2]
    if rest:
        yield rest + b"\n"
