"""State of features that was counted in other parts, put together for one part: nobody has to count again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agoranomos.engine.features import kernels
from agoranomos.engine.features.sharing import Share

Arrays = tuple[NDArray[Any], ...]


def joined(states: Sequence[list[bytes]], share: Share, offsets: Sequence[int]) -> list[bytes]:
    """One state of `Windows` out of several that have no key in common: the keys of `share`, in the order given.

    `offsets` are added to the values of each, where these are codes of texts. Time goes on from the oldest of them, and
    counters are the highest of any.
    """
    each = [_of_share(state, share, offset) for state, offset in zip(states, offsets, strict=True)]
    metas = np.stack([arrays[0] for arrays in each])
    meta = metas.max(axis=0)
    for place in (kernels.NOW, kernels.CURSOR):
        known = metas[:, place][metas[:, place] != kernels.NEVER]
        meta[place] = known.min() if len(known) else kernels.NEVER
    return [meta.tobytes(), *(np.concatenate(column).tobytes() for column in list(zip(*each, strict=True))[1:])]


def _of_share(state: list[bytes], share: Share, offset: int) -> Arrays:
    meta, kept = np.frombuffer(state[0], np.int64), np.frombuffer(state[1], kernels.KEY)
    cells: list[NDArray[Any]] = [np.frombuffer(state[2], np.int64), np.frombuffer(state[3], np.int64) + offset]
    cells.append(np.frombuffer(state[4], np.int32))
    whole = np.zeros(kernels.META, np.int64)  # the compiled part looks at settings only
    whole[: len(meta)] = meta
    many = kernels.sizes(kept, whole)
    mine = (kept["lo"] % share.parts) == share.part - 1
    of_cells = np.repeat(mine, many)
    return meta, kept[mine], *(column[of_cells] if len(column) == len(of_cells) else column[:0] for column in cells)
