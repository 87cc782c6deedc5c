"""How far two rows agree, field by field, and how many others hold what they agree on. Compiled.

The levels are those of `parameters.LEVELS`. `asked` are the keys of the first row, and `others` how many further
sellers hold each: what more than a handful hold is left out, as if nobody had said it.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any, Final

import numpy as np

from agoranomos.engine.compiled import nb
from agoranomos.engine.links.facets import PAIRS
from agoranomos.engine.links.keys import KIND, mixed
from agoranomos.engine.links.slots import FIRST, SETS

UNKNOWN: Final = -1
"""The level of a field that one of the two says nothing of."""
_PAIR_AT: Final = np.array([FIRST[name] for name in PAIRS], np.int64)
_PAIR_OF: Final = np.array(list(combinations(range(5), 2)), np.int64)
_SURNAME: Final = 4
_NUMBER, _NAME, _SOUND, _TURNED = FIRST["number"], FIRST["name"], FIRST["sound"], FIRST["turned"]
_ROOM, _IN_CITY, _SITE, _PHOTO = FIRST["room"], FIRST["room_in_city"], FIRST["site"], FIRST["face_photo"]
_K_NUMBER, _K_NAME, _K_SOUND = KIND["number"], KIND["name"], KIND["sound"]
_K_ROOM, _K_IN_CITY, _K_SITE = KIND["room"], KIND["room_in_city"], KIND["site"]
# Fields by their place in FIELDS: with one slot each, and with a set each (field, first slot, width, kind, most).
_ALONE: Final = np.array(
    [(field, FIRST[name], KIND[name]) for field, name in enumerate(("phone", "bank", "mailbox", "licence"), 2)],
    np.int64,
)
_SETS: Final = np.array(
    [(field, FIRST[name], SETS[name], KIND[name], most) for field, name, most in
     ((7, "device", 1), (8, "network", 1), (12, "picture", 2), (13, "text", 2))], np.int64,
)  # fmt: skip
_F_ADDRESS, _F_NETWORK, _F_PHOTO = 6, 8, 9
_MANY: Final = 1 << 30


@nb.njit(cache=True, nogil=True)
def compare(
    one: Any, other: Any, asked: Any, others: Any, n: int, counted: int, handful: int, photo_bits: int, levels: Any,
    parts: Any, held: Any,
) -> None:  # fmt: skip
    """Fills `levels` (int64, FIELDS), `parts` (bool, PARTS: which of the identity agree) and `held` (int64, FIELDS: how
    many others hold what is shared). `asked` (uint64) and `others` (int64) have `n` entries; `counted` (0 or 1) is
    by how much `others` count the second of the two.
    """
    levels[:], parts[:], held[:] = UNKNOWN, False, 0
    _identity(one, other, levels, parts)
    _name(one, other, asked, others, n, counted, levels, parts, held)
    _address(one, other, asked, others, n, counted, handful, levels, held)
    for k in range(len(_ALONE)):
        field, here, there = _ALONE[k, 0], one[_ALONE[k, 1]], other[_ALONE[k, 1]]
        if here == 0 or there == 0:
            continue
        levels[field] = 0
        if here == there:
            held[field] = _others(asked, others, n, counted, here, _ALONE[k, 2])
            levels[field] = 1 if held[field] + 2 <= handful else UNKNOWN
    for k in range(len(_SETS)):
        _set(one, other, asked, others, n, counted, handful, _SETS[k], levels, held)
    for photo in range(3):
        here, there = one[_PHOTO + photo], other[_PHOTO + photo]
        if here != 0 and there != 0:
            levels[_F_PHOTO + photo] = 1 if _bits(here ^ there) <= photo_bits else 0


@nb.njit(cache=True, nogil=True)
def _others(asked: Any, others: Any, n: int, counted: int, value: Any, kind: int) -> int:
    """How many further sellers hold `value`, beside the two."""
    key = mixed(value, kind)
    for k in range(n):
        if asked[k] == key:
            return int(max(0, others[k] - counted))
    return 0


@nb.njit(cache=True, nogil=True)
def _bits(value: Any) -> int:
    count = 0
    while value != 0:
        value &= value - np.uint64(1)
        count += 1
    return count


@nb.njit(cache=True, nogil=True)
def _identity(one: Any, other: Any, levels: Any, parts: Any) -> None:
    for k in range(len(_PAIR_AT)):
        at = _PAIR_AT[k]
        if one[at] != 0 and one[at] == other[at]:
            parts[_PAIR_OF[k, 0]] = True
            parts[_PAIR_OF[k, 1]] = True
    if one[_NUMBER] == 0 or other[_NUMBER] == 0:
        return
    if one[_NUMBER] == other[_NUMBER]:
        levels[0] = 4
        return
    agree = 0
    for part in range(_SURNAME):
        agree += parts[part]
    levels[0] = max(0, agree - 1)


@nb.njit(cache=True, nogil=True)
def _name(
    one: Any, other: Any, asked: Any, others: Any, n: int, counted: int, levels: Any, parts: Any, held: Any
) -> None:  # fmt: skip
    if one[_SOUND] == 0 or other[_SOUND] == 0:
        return
    levels[1] = 0
    if one[_NAME] == other[_NAME]:
        levels[1], held[1] = 3, _others(asked, others, n, counted, one[_NAME], _K_NAME)
    elif one[_SOUND] == other[_SOUND] or one[_SOUND] == other[_TURNED]:
        levels[1], held[1] = 2, _others(asked, others, n, counted, one[_SOUND], _K_SOUND)
    elif one[_TURNED] != 0 and one[_TURNED] == other[_SOUND]:
        levels[1], held[1] = 2, _others(asked, others, n, counted, one[_TURNED], _K_SOUND)
    elif parts[_SURNAME]:
        levels[1] = 1


@nb.njit(cache=True, nogil=True)
def _address(
    one: Any, other: Any, asked: Any, others: Any, n: int, counted: int, handful: int, levels: Any, held: Any
) -> None:
    if one[_SITE] == 0 or other[_SITE] == 0:
        return
    levels[_F_ADDRESS] = 0
    both = one[_IN_CITY] != 0 and other[_IN_CITY] != 0
    if one[_ROOM] != 0 and one[_ROOM] == other[_ROOM]:
        if both and one[_IN_CITY] != other[_IN_CITY]:
            return  # the same street, house and room of two cities
        kind, value = (_K_IN_CITY, one[_IN_CITY]) if both else (_K_ROOM, one[_ROOM])
        held[_F_ADDRESS] = _others(asked, others, n, counted, value, kind)
        levels[_F_ADDRESS] = 2 if held[_F_ADDRESS] + 2 <= handful else UNKNOWN
    elif one[_SITE] == other[_SITE]:
        levels[_F_ADDRESS] = 1
        held[_F_ADDRESS] = _others(asked, others, n, counted, one[_SITE], _K_SITE)


@nb.njit(cache=True, nogil=True)
def _set(
    one: Any,
    other: Any,
    asked: Any,
    others: Any,
    n: int,
    counted: int,
    handful: int,
    where: Any,
    levels: Any,
    held: Any,
) -> None:
    """Of what two sets share, how many values a handful hold, and how many hold the rarest of them."""
    field, at, width, kind, most = where
    if one[at] == 0 or other[at] == 0:
        return
    shared, common, fewest = 0, 0, _MANY
    for k in range(width):
        for m in range(width):
            if one[at + k] != 0 and one[at + k] == other[at + m]:
                many = _others(asked, others, n, counted, one[at + k], kind)
                common += 1
                if many + 2 <= handful or field == _F_NETWORK:  # of networks, the chance alone decides
                    shared += 1
                    fewest = min(fewest, many)
    if shared:
        levels[field], held[field] = min(shared, most), fewest
    elif not common:
        levels[field] = 0
