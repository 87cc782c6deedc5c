"""The mathematics of the tree, against known answers and a naive recursive implementation."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    Mth,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    perfect_root,
    root_of,
    split,
    verify_consistency,
    verify_inclusion,
)

# The reference vectors of Certificate Transparency (RFC 6962, reused by RFC 9162): leaves, and the root of each prefix.
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
}
CONSISTENCY = {
    (1, 1): (),
    (1, 8): INCLUSION[0, 8],
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}


def naive_root(data: list[bytes]) -> bytes:
    """MTH as RFC 9162 §2.1.1 defines it."""
    if not data:
        return hashlib.sha256(b"").digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    k = max(power for power in (2**n for n in range(20)) if power < len(data))
    return hashlib.sha256(b"\x01" + naive_root(data[:k]) + naive_root(data[k:])).digest()


def naive_path(m: int, data: list[bytes]) -> list[bytes]:
    """PATH as RFC 9162 §2.1.3.1 defines it."""
    if len(data) == 1:
        return []
    k = split(len(data))
    if m < k:
        return [*naive_path(m, data[:k]), naive_root(data[k:])]
    return [*naive_path(m - k, data[k:]), naive_root(data[:k])]


def naive_proof(m: int, data: list[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF as RFC 9162 §2.1.4.1 defines it."""
    if m == len(data):
        return [] if whole else [naive_root(data)]
    k = split(len(data))
    if m <= k:
        return [*naive_proof(m, data[:k], whole=whole), naive_root(data[k:])]
    return [*naive_proof(m - k, data[k:], whole=False), naive_root(data[:k])]


def mth_of(data: list[bytes]) -> Mth:
    return lambda begin, end: naive_root(data[begin:end])


def numbered(size: int) -> list[bytes]:
    return [b"%d" % number for number in range(size)]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_known_ones(size: int) -> None:
    assert root_of(map(leaf_hash, LEAVES[:size])).hex() == ROOTS[size]
    assert naive_root(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_the_known_ones(index: int, size: int) -> None:
    path = inclusion_proof(index, size, mth_of(LEAVES))
    assert tuple(one.hex() for one in path) == INCLUSION[index, size]
    assert verify_inclusion(index, size, leaf_hash(LEAVES[index]), path, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_consistency_proofs_are_the_known_ones(old: int, new: int) -> None:
    path = consistency_proof(old, new, mth_of(LEAVES))
    assert tuple(one.hex() for one in path) == CONSISTENCY[old, new]
    assert verify_consistency(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), path)


@pytest.mark.slow
def test_every_proof_of_small_trees() -> None:
    data = numbered(34)
    for size in range(1, len(data) + 1):
        part, root = data[:size], naive_root(data[:size])
        for index in range(size):
            path = inclusion_proof(index, size, mth_of(part))
            assert path == naive_path(index, part)
            assert verify_inclusion(index, size, leaf_hash(data[index]), path, root)
        for old in range(1, size + 1):
            path = consistency_proof(old, size, mth_of(part))
            assert path == naive_proof(old, part)
            assert verify_consistency(old, size, naive_root(data[:old]), root, path)


@given(st.lists(st.binary(max_size=8), max_size=80))
@pytest.mark.slow
def test_a_frontier_grows_to_the_same_root(data: list[bytes]) -> None:
    frontier = Frontier()
    for count, leaf in enumerate(data, start=1):
        frontier.append(leaf_hash(leaf))
        assert frontier.size == count
    assert frontier.root() == naive_root(data)


@given(st.integers(0, 5), st.integers(0, 3), st.integers(0, 7))
@pytest.mark.slow
def test_a_frontier_takes_perfect_subtrees(full: int, height: int, rest: int) -> None:
    width = 1 << height
    data = numbered(full * width + min(rest, width - 1))
    frontier = Frontier()
    for number in range(full):
        frontier.append_perfect(naive_root(data[number * width : (number + 1) * width]), height)
    twin = frontier.copy()
    for leaf in data[full * width :]:
        frontier.append(leaf_hash(leaf))
    assert frontier.root() == naive_root(data)
    assert twin.root() == naive_root(data[: full * width])


def test_a_perfect_root_is_that_of_its_leaves() -> None:
    data = numbered(8)
    assert perfect_root([leaf_hash(one) for one in data]) == naive_root(data)


@st.composite
def proven(draw: st.DrawFn) -> tuple[int, int, bytes, list[bytes], bytes]:
    size = draw(st.integers(1, 60))
    index = draw(st.integers(0, size - 1))
    data = numbered(size)
    return index, size, leaf_hash(data[index]), naive_path(index, data), naive_root(data)


@given(proven(), st.data())
def test_no_other_inclusion_verifies(proof: tuple[int, int, bytes, list[bytes], bytes], data: st.DataObject) -> None:
    index, size, leaf, path, root = proof
    assert verify_inclusion(index, size, leaf, path, root)
    others = [
        (index, size, leaf_hash(b"another"), path, root),
        (index, size, leaf, path, leaf),
        (index, size, leaf, [*path, root], root),
        (size, size, leaf, path, root),
        (-1, size, leaf, path, root),
    ]
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        others += [
            (index, size, leaf, path[:at] + path[at + 1 :], root),
            (index, size, leaf, [*path[:at], node_hash(path[at], path[at]), *path[at + 1 :]], root),
        ]
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        others.append((other, size, leaf, path, root))
    for index_, size_, leaf_, path_, root_ in others:
        assert leaf_ == root_ == root or not verify_inclusion(index_, size_, leaf_, path_, root_)


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_no_other_history_is_consistent(one: int, other: int, data: st.DataObject) -> None:
    old, new = sorted((one, other))
    leaves = numbered(new)
    path = naive_proof(old, leaves)
    old_root, root = naive_root(leaves[:old]), naive_root(leaves)
    assert verify_consistency(old, new, old_root, root, path)
    changed = data.draw(st.integers(0, old - 1))
    forked = [*leaves[:changed], b"another", *leaves[changed + 1 :]]
    assert not verify_consistency(old, new, naive_root(forked[:old]), root, path)
    assert not verify_consistency(old, new, old_root, naive_root(forked), naive_proof(old, forked))
    assert not verify_consistency(new + 1, new, root, root, path)
    assert not verify_consistency(old, new, old_root, root, [*path, root])
    if path:
        assert not verify_consistency(old, new, old_root, root, path[:-1])


def test_the_empty_tree_is_the_beginning_of_every_other() -> None:
    root = naive_root(numbered(5))
    assert consistency_proof(0, 5, mth_of(numbered(5))) == []
    assert verify_consistency(0, 5, EMPTY_ROOT, root, [])
    assert not verify_consistency(0, 5, root, root, [])
    assert not verify_consistency(0, 5, EMPTY_ROOT, root, [root])


def test_proofs_of_what_is_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="no leaf 5"):
        inclusion_proof(5, 5, mth_of(numbered(5)))
    with pytest.raises(ValueError, match="not the beginning"):
        consistency_proof(6, 5, mth_of(numbered(5)))
