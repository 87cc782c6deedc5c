"""The pairs that learning looks at, and how likely each is of which class. Compiled inside."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from agoranomos.engine.compiled import nb
from agoranomos.engine.links.comparing import compare
from agoranomos.engine.links.facets import PARTS
from agoranomos.engine.links.index import Index
from agoranomos.engine.links.parameters import CLASSES, FIELDS, Numbers
from agoranomos.engine.links.weighing import likelihoods, log_odds

_FIELDS, _CLASSES = len(FIELDS), len(CLASSES)


def met_pairs(
    index: Index, asking: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """(levels, parts, held) of all pairs that the standing rows at the places `asking` meet, those of one seller among
    them: see `comparing.compare`.
    """
    standing = list(index.live())
    known = index.known
    all_levels, all_parts, all_held = [], [], []
    for place in asking.tolist():
        seller_id, at = standing[place]
        asked = index.ask(index.row(at), seller_id)
        # What somebody has said of himself another time is how the same seller differs from himself.
        own = [other for other in index.rows_of(seller_id) if other != at]
        candidates = np.concatenate([asked.candidates, np.array(own, np.int32)])
        many = len(candidates)
        if not many:
            continue
        levels = np.empty((many, _FIELDS), np.int64)
        parts = np.empty((many, len(PARTS)), np.bool_)
        held = np.empty((many, _FIELDS), np.int64)
        _compared(
            index.row(at), index.hand_of(seller_id), index.rows, candidates, asked.keys, asked.others, len(asked.keys),
            known.handful, known.photo_bits, levels, parts, held,
        )  # fmt: skip
        all_levels.append(levels)
        all_parts.append(parts)
        all_held.append(held)
    if not all_levels:
        return np.empty((0, _FIELDS), np.int64), np.empty((0, len(PARTS)), np.bool_), np.empty((0, _FIELDS), np.int64)
    return np.concatenate(all_levels), np.concatenate(all_parts), np.concatenate(all_held)


def posteriors(
    levels: npt.NDArray[np.int64], parts: npt.NDArray[np.bool_], held: npt.NDArray[np.int64], known: Numbers
) -> npt.NDArray[np.float64]:
    """How likely each pair is of each of CLASSES (pairs x CLASSES)."""
    out = np.empty((len(levels), _CLASSES))
    _shares(levels, parts, held, known, out)
    return out


@nb.njit(cache=True, nogil=True)
def _compared(
    row: Any, own_hand: int, index: Any, candidates: Any, asked: Any, others: Any, n: int, handful: int, photo_bits:
    int, levels: Any, parts: Any, held: Any,
) -> None:  # fmt: skip
    for k in range(len(candidates)):
        counted = 1 if index.hand[candidates[k]] != own_hand else 0
        compare(
            row,
            index.table[candidates[k]],
            asked,
            others,
            n,
            counted,
            handful,
            photo_bits,
            levels[k],
            parts[k],
            held[k],
        )


@nb.njit(cache=True, nogil=True)
def _shares(levels: Any, parts: Any, held: Any, known: Any, out: Any) -> None:
    logs = np.empty((_FIELDS, _CLASSES))
    for k in range(len(levels)):
        likelihoods(levels[k], parts[k], held[k], known, logs)
        log_odds(levels[k], held[k], logs, known, out[k])
        highest = out[k].max()
        for c in range(_CLASSES):
            out[k, c] = np.exp(out[k, c] - highest)
        out[k] /= out[k].sum()
