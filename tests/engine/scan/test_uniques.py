"""The set of hashes, held against Python's own."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.scan.repeats import RowBits
from agoranomos.engine.scan.uniques import Uniques, hashes_of

SMALL = st.integers(1, 40)
SAME_SLOT = st.integers(1, 30).map(lambda low: (1023 << 54) + low)  # probes wrap around the end


@given(st.lists(st.lists(st.one_of(SMALL, SAME_SLOT), max_size=60), max_size=6))
def test_the_first_one_wins(batches: list[list[int]]) -> None:
    uniques, seen = Uniques(), set[int]()
    for batch in batches:
        expected = []
        for value in batch:
            expected.append(value in seen)
            seen.add(value)
        mask = uniques.repeats(np.array(batch, np.uint64))
        assert (mask.tolist() if mask is not None else [False] * len(batch)) == expected
    assert len(uniques) == len(seen)


def test_it_grows_and_forgets_nothing() -> None:
    uniques = Uniques()
    hashes = hashes_of([f"L{number}" for number in range(200_000)])
    for begin in range(0, len(hashes), 16_384):
        assert uniques.repeats(hashes[begin : begin + 16_384]) is None
    assert uniques.nbytes <= 22 * len(hashes)
    again = uniques.repeats(hashes)
    assert again is not None
    assert again.all()


def test_ids_of_equal_bytes_have_equal_hashes() -> None:
    assert hashes_of(["鞋", "鞋", "靴"]).tolist()[0:2] == hashes_of(["鞋"]).tolist() * 2


@given(st.lists(st.sets(st.integers(0, 200)), max_size=4))
def test_row_bits(parts: list[set[int]]) -> None:
    bits, there = RowBits(201), set[int]()
    for part in parts:
        if new := part - there:
            bits.add(np.array(sorted(new), np.int64))
            there |= new
    assert set(np.flatnonzero(bits.has(np.arange(201))).tolist()) == there
