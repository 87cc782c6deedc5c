"""Cutting CSV never breaks a record, wherever the blocks end and whatever the quotes do."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agoranomos.engine.scan import records
from agoranomos.engine.scan.records import (
    Record,
    Splitter,
    fields,
    records_of,
    tidy_end,
    tidy_lines,
)
from tests.drawing import examples

CELLS = st.lists(
    st.lists(st.text(alphabet='ab,"\n;é ', max_size=8), min_size=3, max_size=3),
    min_size=1,
    max_size=12,
)
JUNK = st.lists(st.sampled_from(['"', "\n", ",", "a", '""', '"\n', ',"', '",', "\r\n"]), max_size=60)


def written(rows: list[list[str]], terminator: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=terminator).writerows(rows)
    return out.getvalue().encode()


def split(data: bytes, size: int) -> tuple[list[Record], Splitter]:
    """All records of `data`, fed in blocks of `size` bytes."""
    splitter = Splitter(",")
    found: list[Record] = []
    starts = list(range(0, len(data), size)) or [0]
    for begin in starts:
        final = begin + size >= len(data)
        for piece in splitter.feed(data[begin : begin + size], final=final):
            if piece.records is not None:
                found += piece.records
                continue
            inner = records_of(piece.data, ",")
            assert [each.line for each in inner] == tidy_lines(piece.data).tolist()
            assert not any(each.fault for each in inner)
            found += [Record(raw, line + piece.line, fault) for raw, line, fault in inner]
    return found, splitter


@given(CELLS, st.sampled_from(["\n", "\r\n"]), st.integers(1, 40))
def test_what_csv_writes_is_read_back(rows: list[list[str]], end: str, size: int) -> None:
    data = written(rows, end)
    found, _ = split(data, size)
    assert [fields(each.raw.decode(), ",") for each in found] == rows


@settings(max_examples=examples(300))
@given(JUNK, st.integers(1, 40))
@example(['"', "a", "\n", '"', "\n", "a"], 3)
def test_blocks_make_no_difference_even_in_junk(parts: list[str], size: int) -> None:
    data = "".join(parts).encode()
    whole, _ = split(data, len(data) + 1)
    assert split(data, size)[0] == whole


@given(JUNK)
def test_a_cut_at_any_position_of_the_splitter_is_between_records(parts: list[str]) -> None:
    data = "".join(parts).encode()
    whole, _ = split(data, len(data) + 1)
    for size in range(1, len(data)):
        splitter = Splitter(",")
        list(splitter.feed(data[:size], final=False))
        cut = splitter.position
        first, _ = split(data[:cut], cut + 1)
        second, _ = split(data[cut:], len(data))
        lines = data[:cut].count(b"\n")
        moved = [Record(raw, line + lines, fault) for raw, line, fault in second]
        assert first + moved == whole


def test_a_stray_quote_costs_one_line_at_most() -> None:
    data = b'1,5" pipe,x\n2,"open,x\n3,fine,x\n4,"has ""both""",x\n'
    found, _ = split(data, 1000)
    assert [(each.line, each.fault) for each in found] == [
        (0, None),
        (1, "broken_quote"),
        (2, None),
        (3, None),
    ]
    assert fields(found[0].raw.decode(), ",") == ["1", '5" pipe', "x"]
    assert fields(found[3].raw.decode(), ",") == ["4", 'has "both"', "x"]


def test_tidy_or_not() -> None:
    assert tidy_end(b'a,"b\nc"\nd,"e', ",") == 8
    assert tidy_end(b'a,5" x,6" y\n', ",") is None
    assert tidy_end(b"a\rb\n", ",") is None
    assert tidy_end(b"no end", ",") == 0


def test_a_line_without_end_is_skipped_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LINE_BYTES_MAX", 100)
    data = b"1,a\n" + b"2," + b'x"' * 500 + b"\n3,c\n"
    for size in (7, 150, 5000):
        found, splitter = split(data, size)
        assert [(each.raw, each.line, each.fault) for each in found] == [
            (b"1,a", 0, None),
            (b"", 1, "line_too_long"),
            (b"3,c", 2, None),
        ]
        assert splitter.line == 3
