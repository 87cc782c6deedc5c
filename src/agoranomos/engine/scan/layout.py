"""How one file is laid out: where each column stands, encoding, delimiter, row groups."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from agoranomos.engine.scan.columns import expected, readable
from agoranomos.engine.scan.encoding import byte_order_mark, decoded, detect
from agoranomos.engine.scan.records import DELIMITERS, Splitter, fields, records_of
from agoranomos.engine.scan.schema import COLUMNS, LINE_BYTES_MAX, REQUIRED
from agoranomos.engine.scan.sources import Source, is_tab_separated
from agoranomos.engine.scan.streams import DAMAGED, Utf8Of, opened
from agoranomos.kernel.errors import Invalid

_SAMPLE_BYTES = 128 << 10
_SAMPLES = 8
_HEAD_BYTES = 1 << 20
_JSON_LINES = 1_000  # a required key that none of so many objects has is missing from the file


class RowGroup(msgspec.Struct, frozen=True):
    """Rows and uncompressed bytes of one Parquet row group."""

    rows: int
    size: int


class Layout(msgspec.Struct, frozen=True):
    """What a worker needs to know of a file besides its path.

    `names` maps our column to the file's own name of it, `places` to its position in a CSV record;
    `others` are further keys seen in JSONL.
    `start` is where data begins: bytes behind mark and header, in UTF-8 when the file is UTF-16.
    """

    names: dict[str, str] = {}
    places: dict[str, int] = {}
    others: tuple[str, ...] = ()
    width: int = 0
    delimiter: str = ","
    encoding: str = ""
    start: int = 0
    header_lines: int = 0
    row_groups: tuple[RowGroup, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows known beforehand (Parquet only)."""
        return sum(group.rows for group in self.row_groups)

    @property
    def utf16(self) -> bool:
        """Whether the stream is turned into UTF-8 before it is cut."""
        return self.encoding.startswith("utf-16")


def inspect(source: Source) -> Layout:
    """Reads the head of a file; Invalid when a required column or the header is missing."""
    if source.size == 0:
        return Layout(notes=("empty, no rows",))
    if source.format == "parquet":
        return _parquet(source)
    head = _head(source)
    if not head.strip():
        return Layout(notes=("empty, no rows",))
    mark = byte_order_mark(head)
    encoding, skip = mark or (detect(_samples(source, head), source.path), 0)
    layout = Layout(encoding=encoding, start=skip)
    if layout.utf16:
        head = head[skip:].decode(encoding, "ignore").encode()
        layout = msgspec.structs.replace(layout, start=0)
    else:
        head = head[skip:]
    notes = () if encoding == "utf-8" else (f"read as {encoding}",)
    layout = msgspec.structs.replace(layout, notes=notes)
    return _csv(source, layout, head) if source.format == "csv" else _jsonl(source, layout, head)


def _head(source: Source) -> bytes:
    try:
        with opened(source) as stream:
            return stream.read(_HEAD_BYTES)
    except DAMAGED as error:
        raise Invalid(f"{source.path} is no {source.compression} file: {error}") from error


def _samples(source: Source, head: bytes) -> list[bytes]:
    samples = [head[: head.rfind(b"\n") + 1] or head]
    if not source.splittable or source.size <= len(head):
        return samples
    with Path(source.path).open("rb") as raw:
        for part in range(1, _SAMPLES + 1):
            raw.seek(max(0, source.size * part // _SAMPLES - _SAMPLE_BYTES))
            sample = raw.read(_SAMPLE_BYTES)
            samples.append(sample[sample.find(b"\n") + 1 : sample.rfind(b"\n") + 1])
    return samples


def matched(source: Source, found: Iterable[str], advice: str) -> dict[str, str]:
    """Our column -> the file's name for it, case and blanks aside; Invalid without a required
    one."""
    names: dict[str, str] = {}
    given = list(found)
    for name in given:
        plain = name.strip().lower()
        if plain in COLUMNS and names.setdefault(plain, name) != name:
            raise Invalid(f"{source.path} has the column {plain} twice")
    missing = [name for name in REQUIRED if name not in names]
    if len(missing) == len(REQUIRED):
        raise Invalid(f"{source.path} {advice} {', '.join(REQUIRED)}; none of them was found")
    if missing:
        shown = ", ".join(repr(name.strip()[:40]) for name in given[:20])
        raise Invalid(f"{source.path} has no column {missing[0]}; its columns are {shown}")
    return names


def _parquet(source: Source) -> Layout:
    try:
        with pq.ParquetFile(source.path) as file:
            schema, metadata = file.schema_arrow, file.metadata
            groups = tuple(
                RowGroup(metadata.row_group(i).num_rows, metadata.row_group(i).total_byte_size)
                for i in range(metadata.num_row_groups)
            )
    except (pa.ArrowException, OSError) as error:
        raise Invalid(f"{source.path} is no Parquet file: {error}") from error
    names = matched(source, schema.names, "must have the columns")
    for ours, theirs in names.items():
        kind = schema.field(theirs).type
        if not readable(ours, kind):
            raise Invalid(f"{source.path}: the column {theirs} has the type {kind}; write it as {expected(ours)}")
    notes = () if any(group.rows for group in groups) else ("no rows",)
    return Layout(names=names, row_groups=groups, notes=notes)


def _csv(source: Source, layout: Layout, head: bytes) -> Layout:
    if b"\n" not in head and b"\r" in head:
        raise Invalid(f"{source.path} ends its lines with CR alone; write LF or CRLF")
    candidates = DELIMITERS if not is_tab_separated(source) else "\t,;|"
    best: list[str] = []
    delimiter = candidates[0]
    for mark in candidates:
        names = _header(head, mark, layout)[0]
        if _known(names) > _known(best):
            best, delimiter = names, mark
    names, start, lines = _header(head, delimiter, layout)
    found = matched(source, names, "has no header line: its first line must name the columns")
    usual = "\t" if is_tab_separated(source) else ","
    notes = layout.notes + (() if delimiter == usual else (f"columns separated by {delimiter!r}",))
    if not head[start:].strip():
        notes += ("a header and no rows",)
    return msgspec.structs.replace(
        layout,
        names=found,
        places={ours: names.index(theirs) for ours, theirs in found.items()},
        width=len(names),
        delimiter=delimiter,
        start=layout.start + start,
        header_lines=lines,
        notes=notes,
    )


def _known(names: list[str]) -> int:
    return sum(name.strip().lower() in COLUMNS for name in names)


def _header(head: bytes, delimiter: str, layout: Layout) -> tuple[list[str], int, int]:
    """The names, and how many bytes and lines the header takes with the blank lines before it."""
    encoding = "utf-8" if layout.utf16 else layout.encoding
    at = lines = 0
    while True:
        newline = head.find(b"\n", at)
        end = len(head) if newline < 0 else newline + 1
        if head[at:end].strip() or newline < 0:
            break
        at, lines = end, lines + 1
    first = next(Splitter(delimiter).feed(head[at:], final=True), None)
    if first is None:
        return [], at, lines
    records = records_of(first.data, delimiter) if first.records is None else first.records
    record = records[0]
    text = None if record.fault else decoded(record.raw, encoding)
    if text is None:
        return [], at, lines
    size = len(record.raw)
    end = head.find(b"\n", at + size) + 1 or len(head)
    return fields(text[0], delimiter), end, lines + record.raw.count(b"\n") + 1


def _jsonl(source: Source, layout: Layout, head: bytes) -> Layout:
    if head.lstrip().startswith(b"["):
        raise Invalid(f"{source.path} is one JSON array; write one object per line, e.g. jq -c '.[]'")
    keys: dict[str, None] = {}
    with opened(source) as stream:
        stream.read(layout.start)
        text = Utf8Of(stream, layout.encoding) if layout.utf16 else stream
        sample = text.read(LINE_BYTES_MAX)
    objects = 0
    for line in sample.split(b"\n")[:_JSON_LINES]:
        try:
            value = json.loads(line.decode("utf-8" if layout.utf16 else layout.encoding))
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            objects += 1
            keys.update(dict.fromkeys(value))
    if not objects:
        return msgspec.structs.replace(layout, notes=(*layout.notes, "no line is an object"))
    spelt = _first_spelling(keys)
    found = matched(source, spelt, "must hold objects with the keys")
    others = tuple(key for key in keys if key not in found.values())
    return msgspec.structs.replace(layout, names=found, others=others)


def _first_spelling(keys: Iterable[str]) -> list[str]:
    """Keys may be spelt differently from line to line; the first spelling stands for the file."""
    first: dict[str, str] = {}
    for key in keys:
        first.setdefault(key.strip().lower(), key)
    return list(first.values())
