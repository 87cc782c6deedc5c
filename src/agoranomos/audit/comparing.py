"""Two sequences of leaf hashes, told apart entry by entry: what was changed, removed, inserted, moved."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

import msgspec

_SHOWN_MAX = 100


class Finding(msgspec.Struct, frozen=True):
    """Something that is not as it was signed. `index` is the entry's place in the signed log, when it is about one."""

    code: str
    message: str
    index: int | None = None


def differences(signed: Mapping[int, bytes], found: Mapping[int, bytes], source: str) -> list[Finding]:
    """What happened to the entries whose leaf hashes were `signed`, going by those `found`: index → hash.

    Both hold the places that differ, and those alone. `source` says where the signed hashes come from.
    """
    places: dict[bytes, list[int]] = {}
    for index, leaf in sorted(signed.items(), reverse=True):
        places.setdefault(leaf, []).append(index)
    kept: list[tuple[int, int]] = []  # (signed index, index where it is found), by the latter
    inserted = set()
    for index, leaf in sorted(found.items()):
        if places.get(leaf):
            kept.append((places[leaf].pop(), index))
        else:
            inserted.add(index)
    removed = {index for indexes in places.values() for index in indexes}
    changed = removed & inserted
    told = [Finding("entry_changed", f"entry {i} is not the one that was signed ({source})", i) for i in changed]
    told += [Finding("entry_removed", f"entry {i} was removed ({source})", i) for i in removed - changed]
    told += [Finding("entry_inserted", f"an entry was inserted at {i} ({source})", i) for i in inserted - changed]
    # Entries behind a removed or inserted one have shifted; what has left its order was moved.
    steady = _longest_rising([old for old, _ in kept]) if removed ^ inserted else set()
    told += [
        Finding("entry_moved", f"entry {old} stands at {new} now ({source})", old)
        for old, new in kept
        if old != new and old not in steady
    ]
    told.sort(key=lambda one: (one.index or 0, one.code))
    if len(told) > _SHOWN_MAX:
        told[_SHOWN_MAX:] = [Finding("more", f"and {len(told) - _SHOWN_MAX:,} more entries that differ ({source})")]
    return told


def _longest_rising(values: Sequence[int]) -> set[int]:
    """A longest rising subsequence of different `values` (Fredman 1975, patience sorting)."""
    tops: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values):
        pile = bisect_left(tops, value)
        before.append(places[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [value]
        places[pile : pile + 1] = [place]
    rising = set()
    at = places[-1] if places else -1
    while at >= 0:
        rising.add(values[at])
        at = before[at]
    return rising
