"""The lines of event files in every form."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from agoranomos.engine.scan import streams
from agoranomos.engine.stream.lines import event_files, lines
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import LINE_BYTES_MAX, parse_line
from tests.engine.stream.monitors import make_event

TEXT = b"\n".join(msgspec.json.encode(make_event(f"e{number}")) for number in range(3)) + b"\n"


def read(path: Path) -> list[tuple[int, bytes]]:
    return list(lines(event_files([path])[0]))


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_text_is_read_plain_and_compressed(ending: str, tmp_path: Path) -> None:
    packed = {"": TEXT, ".gz": gzip.compress(TEXT), ".zst": zstandard.compress(TEXT)}[ending]
    path = tmp_path / f"events.jsonl{ending}"
    path.write_bytes(packed)
    assert [parse_line(line).id for _, line in read(path)] == ["e0", "e1", "e2"]


def test_lines_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + b'{"a":1}\r\n\n  \n{"b":2}\nlast')
    assert read(path) == [(1, b'{"a":1}'), (4, b'{"b":2}'), (5, b"last")]


def test_a_line_without_end_is_not_held(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"x" * (9 << 20) + b"\n" + TEXT)
    numbered = read(path)
    assert [number for number, _ in numbered] == [1, 2, 3, 4]
    assert LINE_BYTES_MAX < len(numbered[0][1]) < 9 << 20
    with pytest.raises(Invalid, match="1 MiB"):
        parse_line(numbered[0][1])


def test_reading_goes_on_after_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BLOCK_BYTES", 7)
    text = b"\xef\xbb\xbfaaaaaaaaaaaaaaaaaaaaaaaa\n\nb\nc\n  \nddddddddddddddddddd\ne"
    packed = {"": text, ".gz": gzip.compress(text), ".zst": zstandard.compress(text)}
    for ending, raw in packed.items():
        path = tmp_path / f"events.jsonl{ending}"
        path.write_bytes(raw)
        [source] = event_files([path])
        whole = list(lines(source))
        assert [number for number, _ in whole] == [1, 3, 4, 6, 7]
        for after in range(9):
            assert list(lines(source, after=after)) == [line for line in whole if line[0] > after]


def test_reading_goes_on_after_a_row(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    table = pa.table({name: values * 23 for name, values in rows().items()})
    pq.write_table(table, path, row_group_size=5)
    [source] = event_files([path])
    for after in (0, 1, 4, 5, 6, 20, 22, 23, 30):
        assert [number for number, _ in lines(source, after=after)] == list(range(after + 1, 24))


def test_a_damaged_file_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(gzip.compress(TEXT * 1000)[:-200])
    with pytest.raises(Invalid, match=r"events.jsonl.gz is damaged after line \d"):
        read(path)


def rows(**changes: object) -> dict[str, list[object]]:
    row = make_event("e0")
    columns = {key: [row.get(key)] for key in ("id", "source", "type", "time", "subject")}
    columns["data"] = [msgspec.json.encode(row["data"]).decode()]
    return {**columns, **{key: [value] for key, value in changes.items()}}


def test_parquet_rows_are_the_lines_they_stand_for(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    pq.write_table(pa.table(rows()), path)
    [(number, line)] = read(path)
    assert number == 1
    row = make_event("e0")
    assert msgspec.json.decode(line) == {key: row[key] for key in ("id", "source", "type", "time", "data")}


@pytest.mark.parametrize("data", ['{"listing_id":"x"},"id":"forged"', "{", None, "1"])
def test_data_that_is_no_object_by_itself_is_refused(data: str | None, tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    pq.write_table(pa.table(rows(data=data)), path)
    [(_, line)] = read(path)
    with pytest.raises(Invalid) as refused:
        parse_line(line)
    assert refused.value.pointer == "/data"


def test_what_is_no_event_file_is_named(tmp_path: Path) -> None:
    for name, table, message in (
        ("a.parquet", pa.table({"id": ["x"]}), "no column source"),
        ("b.parquet", None, "cannot|not a Parquet"),
        ("c.csv", None, "events are .jsonl"),
    ):
        path = tmp_path / name
        if table is None:
            path.write_bytes(b"nothing of the kind")
        else:
            pq.write_table(table, path)
        with pytest.raises(Invalid, match=message):
            read(path)
