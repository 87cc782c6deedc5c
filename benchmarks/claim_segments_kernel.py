"""What a process knows of a campaign whose claims stand in segments: tables of hashed names, and the rules on columns.

Names are known by 128 bits of SipHash-1-3 under a key: that any two of a billion have one hash has a chance of 1e-21.
Tables are open addressing with linear probing, at most half full; a table's size is a power of two.
"""

from __future__ import annotations

from typing import Final

import numba as nb
import numpy as np
import numpy.typing as npt

GIVEN: Final = 0
STANDS: Final = 1
"""It was given to this account before."""
OF_ANOTHER: Final = 2
CAP: Final = 3
SPENT: Final = 4
RESERVED: Final = 1
CLAIMED: Final = 2
GONE: Final = 3
"""Its reservation was over: it may be claimed again, by anybody."""
Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
_U: Final = np.uint64
_0: Final = np.uint64(0)


@nb.njit(inline="always")
def _left(word: np.uint64, bits: int) -> np.uint64:
    return (word << _U(bits)) | (word >> _U(64 - bits))


@nb.njit
def _round(v: Words) -> None:
    v[0] += v[1]
    v[1] = _left(v[1], 13) ^ v[0]
    v[0] = _left(v[0], 32)
    v[2] += v[3]
    v[3] = _left(v[3], 16) ^ v[2]
    v[0] += v[3]
    v[3] = _left(v[3], 21) ^ v[0]
    v[2] += v[1]
    v[1] = _left(v[1], 17) ^ v[2]
    v[2] = _left(v[2], 32)


@nb.njit(nogil=True, cache=True)
def hash_all(raw: Bytes, offsets: Offsets, key: Words, low: Words, high: Words) -> None:
    """SipHash-1-3 with 128 bits of the texts in `raw` that end at `offsets`; the second word is never 0."""
    v = np.empty(4, np.uint64)
    for row in range(len(offsets) - 1):
        start, length = offsets[row], offsets[row + 1] - offsets[row]
        v[0] = key[0] ^ _U(0x736F6D6570736575)
        v[1] = key[1] ^ _U(0x646F72616E646F6D) ^ _U(0xEE)
        v[2] = key[0] ^ _U(0x6C7967656E657261)
        v[3] = key[1] ^ _U(0x7465646279746573)
        for begin in range(0, length + 1, 8):
            word, left = _0, min(8, length - begin)
            for place in range(left):
                word |= _U(raw[start + begin + place]) << _U(8 * place)
            if left < 8:
                word |= _U(length & 255) << _U(56)
            v[3] ^= word
            _round(v)
            v[0] ^= word
        v[2] ^= _U(0xEE)
        for _ in range(3):
            _round(v)
        low[row] = v[0] ^ v[1] ^ v[2] ^ v[3]
        v[1] ^= _U(0xDD)
        for _ in range(3):
            _round(v)
        high[row] = (v[0] ^ v[1] ^ v[2] ^ v[3]) | _U(1)


@nb.njit(inline="always")
def _find(lows: Words, highs: Words, low: np.uint64, high: np.uint64) -> np.int64:
    """Where the name is, or would be put."""
    last = len(lows) - 1
    slot = np.int64(low & _U(last))
    while highs[slot] != _0 and not (highs[slot] == high and lows[slot] == low):
        slot = (slot + 1) & last
    return slot


@nb.njit(nogil=True, cache=True)
def decide(
    coupons: tuple[Words, Words], known: tuple[Words, Words, Numbers, Bytes],
    accounts: tuple[Words, Words], holders: tuple[Words, Words, Numbers],
    terms: tuple[int, int], purse: Numbers, verdicts: Bytes, undo: Numbers,
) -> None:  # fmt: skip
    """Answers claims in their order: `known` coupons (hash, slot of the holder, state), `holders` (hash, coupons held).

    `terms`: the cap of an account and a coupon's amount. `purse`: coupons left, money left, slots used of `known` and
    of `holders`. `undo` (4 rows) takes what `take_back` needs.
    """
    cap, amount = terms
    for row in range(len(verdicts)):
        slot = _find(known[0], known[1], coupons[0][row], coupons[1][row])
        holder = _find(holders[0], holders[1], accounts[0][row], accounts[1][row])
        undo[0, row] = -1
        new, seen = known[1][slot] == _0, holders[1][holder] != _0
        if not new and known[3][slot] != GONE:
            verdicts[row] = STANDS if seen and known[2][slot] == holder else OF_ANOTHER
            continue
        if seen and holders[2][holder] >= cap:
            verdicts[row] = CAP
            continue
        if purse[0] < 1 or purse[1] < amount:
            verdicts[row] = SPENT
            continue
        undo[0, row], undo[1, row] = slot, holder
        undo[2, row], undo[3, row] = (-1 if new else known[2][slot]), (0 if seen else 1)
        known[0][slot], known[1][slot] = coupons[0][row], coupons[1][row]
        known[2][slot], known[3][slot] = holder, RESERVED
        holders[0][holder], holders[1][holder] = accounts[0][row], accounts[1][row]
        holders[2][holder] += 1
        purse[0] -= 1
        purse[1] -= amount
        purse[2] += new
        purse[3] += not seen
        verdicts[row] = GIVEN


@nb.njit(nogil=True, cache=True)
def take_back(
    known: tuple[Words, Words, Numbers, Bytes], holders: tuple[Words, Words, Numbers], amount: int, purse: Numbers,
    undo: Numbers,
) -> None:  # fmt: skip
    """As if `decide` had not been called. Backwards, as only the last name of a chain may be taken out of it."""
    for row in range(undo.shape[1] - 1, -1, -1):
        slot, holder = undo[0, row], undo[1, row]
        if slot < 0:
            continue
        if undo[2, row] < 0:
            known[1][slot] = _0
            purse[2] -= 1
        else:
            known[2][slot], known[3][slot] = undo[2, row], GONE
        holders[2][holder] -= 1
        if undo[3, row]:
            holders[1][holder] = _0
            purse[3] -= 1
        purse[0] += 1
        purse[1] += amount


@nb.njit(nogil=True, cache=True)
def change(
    coupons: tuple[Words, Words], known: tuple[Words, Words, Numbers, Bytes], holders: tuple[Words, Words, Numbers],
    to: int, amount: int, purse: Numbers, done: Bytes,
) -> None:  # fmt: skip
    """Settles (`to` CLAIMED) or gives back (GONE) those of the coupons that are reserved; `done` says which were."""
    for row in range(len(done)):
        slot = _find(known[0], known[1], coupons[0][row], coupons[1][row])
        done[row] = known[1][slot] != _0 and known[3][slot] == RESERVED
        if done[row]:
            known[3][slot] = to
            if to == GONE:
                holders[2][known[2][slot]] -= 1
                purse[0] += 1
                purse[1] += amount


@nb.njit(nogil=True, cache=True)
def revert(
    coupons: tuple[Words, Words], known: tuple[Words, Words, Numbers, Bytes], holders: tuple[Words, Words, Numbers],
    amount: int, purse: Numbers, done: Bytes,
) -> None:  # fmt: skip
    """As if `change` had not been called."""
    for row in range(len(done)):
        if done[row]:
            slot = _find(known[0], known[1], coupons[0][row], coupons[1][row])
            if known[3][slot] == GONE:
                holders[2][known[2][slot]] += 1
                purse[0] -= 1
                purse[1] -= amount
            known[3][slot] = RESERVED


@nb.njit(nogil=True, cache=True)
def move(old: tuple[Words, Words], new: tuple[Words, Words], places: Numbers) -> None:
    """Puts the names of a table into a larger one; `places` says where each went."""
    for slot in range(len(old[0])):
        if old[1][slot] != _0:
            places[slot] = to = _find(new[0], new[1], old[0][slot], old[1][slot])
            new[0][to], new[1][to] = old[0][slot], old[1][slot]
