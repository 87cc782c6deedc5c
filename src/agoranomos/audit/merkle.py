"""Merkle tree hashing, proofs and their verification as RFC 9162 §2.1 has them; pure functions, SHA-256.

Shared with the witness, so it imports nothing of this system. A tree over leaves D[0:n] is named by its size n;
MTH(a, b) is the hash of the tree over D[a:b]. Hashes are 32 bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

Mth = Callable[[int, int], bytes]
"""MTH(a, b): the root over the leaves D[a:b], a < b."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf: SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over `hashes`, whose number is a power of two."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


def split(size: int) -> int:
    """The largest power of two smaller than `size` (at least 2): where the tree divides."""
    return 1 << ((size - 1).bit_length() - 1)


class Frontier:
    """The right edge of a growing tree: the roots of the perfect subtrees it consists of, at most one per level.

    All that appending needs: 64 hashes, however long the log is (the "compact range" of RFC 9162 implementations).
    """

    __slots__ = ("_edge", "size")

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []

    def copy(self) -> Frontier:
        """An independent frontier of the same tree."""
        twin = Frontier()
        twin.size, twin._edge = self.size, self._edge.copy()
        return twin

    def append(self, leaf: bytes) -> None:
        """Adds the next leaf, by its hash."""
        self.append_perfect(leaf, 0)

    def append_perfect(self, root: bytes, height: int) -> None:
        """Adds 2**height leaves by the root over them; the size must be a multiple of that."""
        assert self.size & ((1 << height) - 1) == 0, "a perfect subtree begins at a multiple of its width"
        edge = self._edge
        merges = self.size >> height
        while merges & 1:
            root = node_hash(edge.pop(), root)
            merges >>= 1
        edge.append(root)
        self.size += 1 << height

    def root(self) -> bytes:
        """The root of the tree as it is."""
        if not self._edge:
            return EMPTY_ROOT
        folded = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            folded = node_hash(left, folded)
        return folded


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def inclusion_proof(index: int, size: int, mth: Mth) -> list[bytes]:
    """PATH(index, D[0:size]) of §2.1.3.1: the siblings from the leaf up to below the root."""
    if not 0 <= index < size:
        raise ValueError(f"the tree of size {size} has no leaf {index}")
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            path.append(mth(middle, high))
            high = middle
        else:
            path.append(mth(low, middle))
            low = middle
    return path[::-1]


def consistency_proof(old: int, new: int, mth: Mth) -> list[bytes]:
    """PROOF(old, D[0:new]) of §2.1.4.1: that the tree of size `old` is the beginning of that of size `new`.

    Empty when `old` is 0 or `new`: then there is nothing to show.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of size {old} is not the beginning of one of size {new}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    low, high = 0, new
    while old not in (low, high):
        middle = low + split(high - low)
        if old <= middle:
            path.append(mth(middle, high))
            high = middle
        else:
            path.append(mth(low, middle))
            low = middle
    if low:  # the old tree's last subtree is not its root, so the verifier needs it as the seed
        path.append(mth(low, old))
    return path[::-1]


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes | None:
    """The root that `proof` leads to from the leaf hash `leaf` (§2.1.3.2); None when the proof's length is wrong."""
    if not 0 <= index < size:
        return None
    node, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            root = node_hash(root, sibling)
        node >>= 1
        last >>= 1
    return root if last == 0 else None


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that the leaf hash `leaf` stands at `index` in the tree of `size` with `root`."""
    return root_from_inclusion(index, size, leaf, proof) == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree `old`, `old_root` is the beginning of `new`, `new_root` (§2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    return _roots_from_consistency(old, new, path) == (old_root, new_root)


def _roots_from_consistency(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The old and the new root that `path` leads to; None when its length is wrong."""
    node, last = old - 1, new - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old_root = new_root = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            old_root = node_hash(sibling, old_root)
            new_root = node_hash(sibling, new_root)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new_root = node_hash(new_root, sibling)
        node >>= 1
        last >>= 1
    return (old_root, new_root) if last == 0 else None
