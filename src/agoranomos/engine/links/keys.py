"""Under which keys a row is found: each fact of its own, and facts that tell only together. Compiled.

Every key is salted with its kind, so that all lie in one array. Of the five parts of an identity (see `facets`) any
three make a key: whoever changes one digit, or two, leaves one of them as it was.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from agoranomos.engine.compiled import nb
from agoranomos.engine.links.facets import PARTS
from agoranomos.engine.links.slots import FIRST, SETS

SINGLE: Final = ("number", "phone", "bank", "mailbox", "licence", "room", "room_in_city", "site", "name")
"""Slots that are keys as they stand. `sound` and `turned` are one kind, and so are the values of a set."""
KINDS: Final = (*SINGLE, "sound", "device", "network", "picture", "text", "photo", "together")
KIND: Final = {name: place for place, name in enumerate(KINDS)}
KEYS_MAX: Final = 64
_QUARTERS: Final = np.array([(one, other) for one in range(4) for other in range(one + 1, 4)], np.int64)
"""A photo is found when two quarters of its hash are unchanged. One alone is that of a dozen others in a million."""


def _pair(one: int, other: int) -> int:
    return FIRST[f"{PARTS[one]}_{PARTS[other]}"]


_SINGLE_AT: Final = np.array([FIRST[name] for name in SINGLE], np.int64)
# Two pairs that share a part hold three parts. The area, the year and the surname alone are held by too many.
_TOGETHER: Final = np.array(
    [
        (_pair(a, b), _pair(b, c))
        for a in range(5)
        for b in range(a + 1, 5)
        for c in range(b + 1, 5)
        if (a, b, c) != (0, 1, 4)
    ],
    np.int64,
)
_SETS: Final = np.array([(KIND[name], FIRST[name], width) for name, width in SETS.items()], np.int64)
_SOUND, _TURNED, _PHOTO = FIRST["sound"], FIRST["turned"], FIRST["face_photo"]
_KIND_SOUND, _KIND_PHOTO, _KIND_TOGETHER = KIND["sound"], KIND["photo"], KIND["together"]


@nb.njit(cache=True, nogil=True, inline="always")
def mixed(value: Any, salt: Any) -> Any:
    """64 well mixed bits of both (the finaliser of splitmix64, Steele et al. 2014)."""
    z = np.uint64(value) ^ (np.uint64(salt) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@nb.njit(cache=True, nogil=True)
def keys_of(row: Any, keys: Any, kinds: Any) -> int:
    """Fills `keys` (uint64) and `kinds` (int64), both KEYS_MAX long, with the keys of a row; returns how many."""
    n = 0
    for k in range(len(_SINGLE_AT)):
        value = row[_SINGLE_AT[k]]
        if value != 0:
            keys[n], kinds[n] = mixed(value, k), k
            n += 1
    for at in (_SOUND, _TURNED):
        if row[at] != 0:
            keys[n], kinds[n] = mixed(row[at], _KIND_SOUND), _KIND_SOUND
            n += 1
    for s in range(len(_SETS)):
        for place in range(_SETS[s, 1], _SETS[s, 1] + _SETS[s, 2]):
            if row[place] == 0:
                break
            keys[n], kinds[n] = mixed(row[place], _SETS[s, 0]), _SETS[s, 0]
            n += 1
    for photo in range(3):
        value = row[_PHOTO + photo]
        if value != 0:
            for pair in range(len(_QUARTERS)):
                one = (value >> np.uint64(16 * _QUARTERS[pair, 0])) & np.uint64(0xFFFF)
                other = (value >> np.uint64(16 * _QUARTERS[pair, 1])) & np.uint64(0xFFFF)
                keys[n] = mixed(one << np.uint64(16) | other, np.uint64(100 + photo * len(_QUARTERS) + pair))
                kinds[n] = _KIND_PHOTO
                n += 1
    for t in range(len(_TOGETHER)):
        first, second = row[_TOGETHER[t, 0]], row[_TOGETHER[t, 1]]
        if first != 0 and second != 0:
            keys[n], kinds[n] = mixed(mixed(first, 200 + t), second), _KIND_TOGETHER
            n += 1
    return n
