"""All phrases as one table of links, entered by whole prefixes."""

from __future__ import annotations

from typing import Any

import numpy as np

from agoranomos.engine.compiled import nb

MIX = np.uint64(0x9E3779B97F4A7C15)
"""Fibonacci hashing (Knuth 6.4): the odd number nearest to 2**64 over the golden ratio."""
# The length of a prefix, mixed into its hash as `prefix_hash` does.
SIX = np.uint64(6 << 56)
FOUR = np.uint64(4 << 56)
THREE = np.uint64(3 << 56)
TWO = np.uint64(2 << 56)
JUMP_BITS = 2
"""log2 of the words of a place of the jumps: hash, link, what may follow; the fourth keeps places within a line."""

SPELLING = np.dtype(
    {
        "names": [
            "own_at", "own_gaps", "following", "inherent", "name_of", "floor", "floor_kinds",
            "plain_weight", "hidden_weight", "handle_weight", "size", "rules", "concern", "needs_name", "names_in",
            "blanket", "classes", "beside", "class_weight", "class_hidden",
        ],
        "formats": ["i8", "u8", *["i4"] * 3, "f4", "u4", *["f4"] * 3, *["u1"] * 8, "f4", "f4"],
        "offsets": [0, 8, *range(16, 48, 4), *range(48, 56), 56, 60],
        "itemsize": 64,
    }
)  # fmt: skip
"""What the machine knows of a spelling, in one line of the cache.

`own_at`: where its letters begin in `own`; `own_gaps`: bits of the places where it has a gap; `following`: the next
spelling of the same letters, or -1; `inherent`: the flags of a phrase that is a disguise itself; `name_of`: -1 for no
brand; `names_in`: how many brands it names; `floor`: in the reference currency, negative for brands of technical goods,
for the kinds of goods `floor_kinds`; `size` in characters; `blanket`: what it covers is innocent.
`classes`: which set of classes it is a word of (a number in `class_sets`, 0 none), in which it weighs `class_weight`,
and `class_hidden` more where it is disguised; `beside`: the set of classes to whose words it adds, being nothing itself.
"""


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
def mixed_with(value: Any, size: Any) -> Any:
    """The hash of a prefix whose bytes, the first lowest, are `value`; `size` is one of `SIX`, `FOUR`, …"""
    return (value + size) * MIX


@nb.njit(inline="always")
def first_slot(node: Any, mask: Any) -> Any:
    """Where the links of `node` are looked for first.

    Nodes are numbered depth first and probed for from one and a half times their number, so that the links of a
    chain of letters lie side by side in memory.
    """
    return ((np.uint64(node) * np.uint64(3)) >> np.uint64(1)) & mask


@nb.njit(inline="always")
def follow(table: Any, mask: Any, node: Any, byte: Any) -> Any:
    """The link from `node` along `byte` (child | spelling << 32), or -1."""
    key = ((np.uint64(node) << np.uint64(8)) | np.uint64(byte)) + np.uint64(1)
    slot = first_slot(node, mask)
    while True:
        known = table[slot << np.uint64(1)]
        if known == key:
            return np.int64(table[(slot << np.uint64(1)) + np.uint64(1)])
        if known == 0:
            return np.int64(-1)
        slot = (slot + np.uint64(1)) & mask


@nb.njit(inline="always")
def jump_slot(jumps: Any, mixed: Any) -> Any:
    """The place in `jumps` where the prefix with the hash `mixed` is looked for first (int64)."""
    mask = np.uint64((len(jumps) >> JUMP_BITS) - 1)
    return np.int64(((mixed >> np.uint64(20)) & mask) << np.uint64(JUMP_BITS))


@nb.njit(inline="always")
def jump(jumps: Any, mixed: Any) -> Any:
    """The place in `jumps` of the prefix with the hash `mixed` (int64), or -1."""
    place = jump_slot(jumps, mixed)
    while True:
        key = jumps[place]
        if key == mixed:
            return place
        if key == 0:
            return np.int64(-1)
        place = (place + (1 << JUMP_BITS)) & (len(jumps) - 1)


@nb.njit(inline="always")
def next_bit(letters: Any, at: int) -> Any:
    """A number below 64 for the character at `at`: which bit of what may follow a prefix stands for it."""
    lead = letters[at]
    if lead < 0xC0:
        return np.uint64(lead) & np.uint64(63)
    value = (np.uint64(letters[at + 1]) << np.uint64(8)) | np.uint64(lead)
    if lead >= 0xE0:
        value |= np.uint64(letters[at + 2]) << np.uint64(16)
    return (value * MIX) >> np.uint64(58)


@nb.njit(inline="always")
def prefix_size(length: int) -> int:
    """By how many of its bytes a phrase of `length` bytes is entered."""
    return 6 if length >= 6 else (4 if length >= 4 else length)


@nb.njit(cache=True)
def count_prefixes(letters: Any, starts: Any) -> int:
    """How many prefixes phrases in byte order are entered by; those of one size and beginning follow one another."""
    last = np.zeros(8, np.uint64)
    total = 0
    for phrase in range(len(starts) - 1):
        size = prefix_size(starts[phrase + 1] - starts[phrase])
        mixed = prefix_hash(letters, starts[phrase], size)
        if mixed != last[size]:
            last[size] = mixed
            total += 1
    return total


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
def build_trie(
    letters: Any, starts: Any, spellings: Any, capacity: int, jump_capacity: int, bitmap: Any, shift: Any
) -> Any:
    """All phrases, given in byte order, into one open-addressed table of links.

    letters: uint8, the folded bytes of all phrases and eight more; starts: int64 (n + 1); spellings: int32 (n), the
    number of each phrase's first spelling; capacities: powers of two, above the links and the prefixes; bitmap: uint8,
    filled in place with the phrases' prefixes. Returns the table (uint64, two for each of `capacity`: a key and the
    link child | (spelling + 1) << 32) and jumps (uint64, four for each of `jump_capacity`): the hash of a prefix of
    6, 4, 3 or 2 letters, by the length of the phrase, the link to the node behind it, and the `next_bit` of each
    character that phrases entered here go on with. So most texts that share a prefix with a phrase, and no more, are
    told from it by one line of the cache.
    """
    table = np.zeros(capacity << 1, np.uint64)
    jumps = np.zeros(jump_capacity << JUMP_BITS, np.uint64)
    mask = np.uint64(capacity - 1)
    nodes = 1
    for phrase in range(len(starts) - 1):
        begin = starts[phrase]
        end = starts[phrase + 1]
        size = prefix_size(end - begin)
        node: Any = 0
        last: Any = 0
        behind: Any = 0
        for at in range(begin, end):
            key = ((np.uint64(node) << np.uint64(8)) | np.uint64(letters[at])) + np.uint64(1)
            slot = first_slot(node, mask)
            while table[slot << np.uint64(1)] != 0 and table[slot << np.uint64(1)] != key:
                slot = (slot + np.uint64(1)) & mask
            last = (np.int64(slot) << 1) + 1
            if table[last - 1] == 0:
                table[last - 1] = key
                table[last] = nodes
                nodes += 1
            node = np.int64(table[last] & np.uint64(0xFFFFFFFF))
            if at - begin + 1 == size:
                behind = last
        table[last] |= np.uint64(spellings[phrase] + 1) << np.uint64(32)
        mixed = prefix_hash(letters, begin, size)
        bit = mixed >> shift
        bitmap[bit >> np.uint64(3)] |= np.uint8(1 << (bit & np.uint64(7)))
        place = jump_slot(jumps, mixed)
        while jumps[place] != 0 and jumps[place] != mixed:
            place = (place + (1 << JUMP_BITS)) & (len(jumps) - 1)
        jumps[place] = mixed
        jumps[place + 1] = behind
        if end - begin > size:
            jumps[place + 2] |= np.uint64(1) << next_bit(letters, begin + size)
    for place in range(0, len(jumps), 1 << JUMP_BITS):
        if jumps[place] != 0:
            jumps[place + 1] = table[jumps[place + 1]]
    return table, jumps
