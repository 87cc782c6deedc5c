"""Which contents are the same picture: each is looked up among all others, and what is sure is tied together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from agoranomos.engine.pictures.clusters import TIED
from agoranomos.engine.pictures.index import Index
from agoranomos.engine.pictures.signature import Signature

_NEIGHBOURS: Final = 16


class Tie(msgspec.Struct, frozen=True, order=True):
    """Two contents that are the same picture, the smaller first, and how sure that is."""

    one: str
    other: str
    score: float


def ties_of(index: Index, asked: Mapping[str, Signature]) -> tuple[Tie, ...]:
    """The ties between `asked` contents and those in `index`, whose names are contents."""
    found: dict[tuple[str, str], float] = {}
    for content, signature in asked.items():
        for match in index.search(signature, _NEIGHBOURS):
            if match.name != content and match.score >= TIED:
                pair = min(content, match.name), max(content, match.name)
                found[pair] = max(match.score, found.get(pair, 0.0))
    return tuple(Tie(*pair, score) for pair, score in sorted(found.items()))


class Rings:
    """Contents that are tied together, over any number of ties; each ring is called by its smallest content."""

    def __init__(self, ties: Iterable[Tie] = ()) -> None:
        self._head: dict[str, str] = {}
        weakest: dict[str, float] = {}
        # The surest first, so that a ring's score is that of the weakest tie that it needs.
        for tie in sorted(ties, key=lambda each: (-each.score, each.one, each.other)):
            first, second = sorted((self.of(tie.one), self.of(tie.other)))
            if first != second:
                self._head[second] = first
                weakest[first] = min(weakest.get(first, 1.0), weakest.get(second, 1.0), tie.score)
        self._weakest = weakest

    def of(self, content: str) -> str:
        """The ring that a content is in; its own when it is tied to nothing."""
        head = content
        while (further := self._head.get(head, head)) != head:
            head = further
        if content != head:
            self._head[content] = head
        return head

    def score(self, ring: str) -> float:
        """The least sure of the ties that hold a ring together; 1 for a single content."""
        return self._weakest.get(ring, 1.0)

    def members(self) -> dict[str, str]:
        """Every content that is tied to another, with its ring."""
        heads = {content: self.of(content) for content in list(self._head)}
        return {**heads, **{ring: ring for ring in heads.values()}}
