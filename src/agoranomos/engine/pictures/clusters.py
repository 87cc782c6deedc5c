"""Groups of the same picture among many: every picture is looked up among all, and what is found is tied together.

The cost is one search a picture, so nearly linear in their number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from agoranomos.engine.pictures.index import Index
from agoranomos.engine.pictures.signature import Signature

TIED: Final = 0.9
"""Probability from which two pictures are tied. Ties chain (a to b, b to c), so a mistake would join two groups."""
_NEIGHBOURS: Final = 16


class Cluster(msgspec.Struct, frozen=True):
    """Names of pictures that are the same, in order; `score`: the least sure of the ties that hold it together."""

    names: tuple[str, ...]
    score: float


def cluster(signatures: Mapping[str, Signature], tied: float = TIED) -> list[Cluster]:
    """The groups of two and more among the pictures, in the order of their first names.

    Exact copies should be one entry: who has the content hash need not compare them.
    """
    names = sorted(signatures)
    index = Index.build((name, signatures[name]) for name in names)
    parent = {name: name for name in names}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    ties: list[tuple[float, str, str]] = []
    for name in names:
        found = index.search(signatures[name], _NEIGHBOURS)
        ties += [
            (-match.score, min(name, match.name), max(name, match.name))
            for match in found
            if match.name != name and match.score >= tied
        ]
    weakest: dict[str, float] = {}
    for cost, one, other in sorted(ties):
        first, second = sorted((root(one), root(other)))
        if first != second:
            parent[second] = first
            weakest[first] = min(weakest.get(first, 1.0), weakest.get(second, 1.0), -cost)
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(root(name), []).append(name)
    return [Cluster(tuple(members), weakest[head]) for head, members in groups.items() if len(members) > 1]
