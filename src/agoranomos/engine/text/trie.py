"""All phrases as one table of links, entered by whole prefixes."""

from __future__ import annotations

from typing import Any

import numpy as np

from agoranomos.engine.text.compiled import nb

MIX = np.uint64(0x9E3779B97F4A7C15)
"""Fibonacci hashing (Knuth 6.4): the odd number nearest to 2**64 over the golden ratio."""
# The length of a prefix, mixed into its hash as `prefix_hash` does.
SIX = np.uint64(6 << 56)
FOUR = np.uint64(4 << 56)
THREE = np.uint64(3 << 56)
TWO = np.uint64(2 << 56)


@nb.njit(inline="always")
def prefix_hash(buffer: Any, at: int, size: int) -> Any:
    """Hash of 2, 3, 4 or 6 bytes into 64 bits; the length is mixed in so that lengths do not meet."""
    value = np.uint64(buffer[at]) | (np.uint64(buffer[at + 1]) << np.uint64(8))
    if size >= 3:
        value |= np.uint64(buffer[at + 2]) << np.uint64(16)
    if size >= 4:
        value |= np.uint64(buffer[at + 3]) << np.uint64(24)
    if size >= 6:
        value |= np.uint64(buffer[at + 4]) << np.uint64(32)
        value |= np.uint64(buffer[at + 5]) << np.uint64(40)
    return (value + (np.uint64(size) << np.uint64(56))) * MIX


@nb.njit(inline="always")
def is_set(bitmap: Any, hashed: Any, shift: Any) -> Any:
    bit = hashed >> shift
    return (bitmap[bit >> np.uint64(3)] >> (bit & np.uint64(7))) & 1


@nb.njit(inline="always")
def follow(keys: Any, links: Any, mask: Any, node: Any, byte: Any) -> Any:
    """The link from `node` along `byte` (child | phrase << 32), or -1.

    Nodes are numbered depth first and probed for from one and a half times their number, so that the links of a
    chain of letters lie side by side in memory.
    """
    key = ((np.uint64(node) << np.uint64(8)) | np.uint64(byte)) + np.uint64(1)
    slot = ((np.uint64(node) * np.uint64(3)) >> np.uint64(1)) & mask
    while keys[slot] != 0:
        if keys[slot] == key:
            return links[slot]
        slot = (slot + np.uint64(1)) & mask
    return -1


@nb.njit(inline="always")
def jump(jump_keys: Any, jump_links: Any, mixed: Any) -> Any:
    """The link to the node behind a whole prefix (its hash `mixed`), or -1."""
    mask = np.uint64(len(jump_keys) - 1)
    slot = (mixed >> np.uint64(20)) & mask
    while jump_keys[slot] != 0:
        if jump_keys[slot] == mixed:
            return jump_links[slot]
        slot = (slot + np.uint64(1)) & mask
    return -1


@nb.njit(cache=True)
def count_links(letters: Any, starts: Any) -> int:
    """How many links a trie over phrases in byte order has: the letters that a phrase does not share with the last."""
    total = 0
    for phrase in range(len(starts) - 1):
        size = starts[phrase + 1] - starts[phrase]
        shared = 0
        if phrase:
            before = starts[phrase] - starts[phrase - 1]
            while (
                shared < size
                and shared < before
                and letters[starts[phrase] + shared] == letters[starts[phrase - 1] + shared]
            ):
                shared += 1
        total += size - shared
    return total


@nb.njit(cache=True)
def build_trie(letters: Any, starts: Any, capacity: int, jump_capacity: int, bitmap: Any, shift: Any) -> Any:
    """All phrases, given in byte order, into one open-addressed table of links.

    letters: uint8, the folded bytes of all phrases and eight more; starts: int64 (n + 1); capacities: powers of two,
    above the links and the phrases; bitmap: uint8, filled in place with the phrases' prefixes. Returns keys
    (uint64) and links (int64: child | (phrase + 1) << 32), and the same for jumps: the hash of a prefix of 6, 4, 3
    or 2 letters, by the length of the phrase, and the link to the node behind it.
    """
    keys = np.zeros(capacity, np.uint64)
    links = np.zeros(capacity, np.int64)
    jump_keys = np.zeros(jump_capacity, np.uint64)
    jump_slots = np.zeros(jump_capacity, np.int64)
    mask = np.uint64(capacity - 1)
    jump_mask = np.uint64(jump_capacity - 1)
    nodes = 1
    for phrase in range(len(starts) - 1):
        begin = starts[phrase]
        end = starts[phrase + 1]
        length = end - begin
        size = 6 if length >= 6 else (4 if length >= 4 else length)
        node = 0
        last: Any = np.uint64(0)
        behind: Any = np.uint64(0)
        for at in range(begin, end):
            key = ((np.uint64(node) << np.uint64(8)) | np.uint64(letters[at])) + np.uint64(1)
            slot = ((np.uint64(node) * np.uint64(3)) >> np.uint64(1)) & mask
            while keys[slot] != 0 and keys[slot] != key:
                slot = (slot + np.uint64(1)) & mask
            if keys[slot] == 0:
                keys[slot] = key
                links[slot] = nodes
                nodes += 1
            node = links[slot] & np.int64(0xFFFFFFFF)
            last = slot
            if at - begin + 1 == size:
                behind = slot
        links[last] |= np.int64(phrase + 1) << np.int64(32)
        mixed = prefix_hash(letters, begin, size)
        bit = mixed >> shift
        bitmap[bit >> np.uint64(3)] |= np.uint8(1 << (bit & np.uint64(7)))
        slot = (mixed >> np.uint64(20)) & jump_mask
        while jump_keys[slot] != 0 and jump_keys[slot] != mixed:
            slot = (slot + np.uint64(1)) & jump_mask
        jump_keys[slot] = mixed
        jump_slots[slot] = np.int64(behind)
    jump_links = np.full(jump_capacity, -1, np.int64)
    for place in range(jump_capacity):
        if jump_keys[place] != 0:
            jump_links[place] = links[jump_slots[place]]
    return keys, links, jump_keys, jump_links
