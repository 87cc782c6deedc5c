"""Texts that came to nothing: hashed as SipHash says, remembered with their price, read once."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from agoranomos.engine.text.matching import buffers
from agoranomos.engine.text.repeating import KEY_BYTES, Harmless

KEY = bytes(range(KEY_BYTES))
_ALL = (1 << 64) - 1


def _rotated(value: int, by: int) -> int:
    return ((value << by) | (value >> (64 - by))) & _ALL


def siphash_1_3(words: list[int], key: bytes) -> int:
    """As the paper has it, over words of eight bytes; the length is among the words."""
    low, high = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")
    v = [0x736F6D6570736575 ^ low, 0x646F72616E646F6D ^ high, 0x6C7967656E657261 ^ low, 0x7465646279746573 ^ high]

    def mix() -> None:
        v[0] = (v[0] + v[1]) & _ALL
        v[1] = _rotated(v[1], 13) ^ v[0]
        v[0] = _rotated(v[0], 32)
        v[2] = (v[2] + v[3]) & _ALL
        v[3] = _rotated(v[3], 16) ^ v[2]
        v[0] = (v[0] + v[3]) & _ALL
        v[3] = _rotated(v[3], 21) ^ v[0]
        v[2] = (v[2] + v[1]) & _ALL
        v[1] = _rotated(v[1], 17) ^ v[2]
        v[2] = _rotated(v[2], 32)

    for word in words:
        v[3] ^= word
        mix()
        v[0] ^= word
    v[2] ^= 0xFF
    for _ in range(3):
        mix()
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def words_of(text: bytes) -> list[int]:
    return [len(text), *(int.from_bytes(text[at : at + 8], "little") for at in range(0, len(text), 8))]


def hashes(harmless: Harmless, *columns: list[str]) -> npt.NDArray[np.uint64]:
    arrays = [pa.array(column, pa.string()) for column in columns]
    return harmless.hashes((buffers(array)[:2] for array in arrays), len(columns[0]))


@pytest.mark.parametrize("seed", range(3))
def test_a_hash_is_what_the_paper_says(seed: int) -> None:
    draw = random.Random(seed)
    key = draw.randbytes(KEY_BYTES)
    one, other = (["".join(draw.choices("aé耐😀 ", k=draw.randrange(30))) for _ in range(40)] for _ in range(2))
    expected = [
        siphash_1_3([*words_of(a.encode()), *words_of(b.encode())], key) for a, b in zip(one, other, strict=True)
    ]
    assert hashes(Harmless(key), one, other).tolist() == expected


def test_where_one_field_ends_and_the_next_begins_counts() -> None:
    found = hashes(Harmless(KEY), ["ab", "a", "", "ab\0"], ["", "b", "ab", ""])
    assert len(set(found.tolist())) == 4


def test_another_key_gives_other_hashes() -> None:
    one, other = (hashes(Harmless(key), ["Nike"]) for key in (KEY, bytes(KEY_BYTES)))
    assert one[0] != other[0]
    with pytest.raises(ValueError, match="the key has 3 bytes: give 16"):
        Harmless(b"abc")


def _turns(harmless: Harmless, found: Any, price: list[float], nothing: set[int]) -> list[list[int]]:
    """The rows that are read, turn by turn; what is in `nothing` comes to nothing."""
    amounts, turns = np.array(price), []
    for rows in harmless.in_turns(found, amounts, np.arange(len(price))):
        turns.append(rows.tolist())
        empty = np.array([row for row in rows.tolist() if row in nothing], np.int64)
        harmless.remember(found[empty], amounts[empty])
    return turns


def test_a_text_is_read_once_at_its_lowest_price() -> None:
    harmless = Harmless(KEY)
    found = hashes(harmless, ["a", "b", "a", "a", "b", "c"])
    price = [5.0, 3.0, 2.0, 0.0, 9.0, 1.0]
    assert _turns(harmless, found, price, {0, 1, 2, 3, 4, 5}) == [[1, 2, 5]]
    assert _turns(harmless, found, price, set()) == []


def test_what_comes_to_something_is_read_for_each_row() -> None:
    harmless = Harmless(KEY)
    found = hashes(harmless, ["a", "b", "a", "b"])
    assert _turns(harmless, found, [5.0, 3.0, 2.0, 4.0], {1, 3}) == [[1, 2], [0]]


def test_a_lower_price_is_read_again() -> None:
    harmless = Harmless(KEY)
    found = hashes(harmless, ["a"])
    assert _turns(harmless, found, [0.0], {0}) == [[0]]  # an unknown price says nothing about known ones
    assert _turns(harmless, found, [0.0], {0}) == []
    assert _turns(harmless, found, [7.0], {0}) == [[0]]
    assert _turns(harmless, found, [7.0], {0}) == []
    assert _turns(harmless, found, [6.0], {0}) == [[0]]
    assert _turns(harmless, found, [0.0], set()) == []
