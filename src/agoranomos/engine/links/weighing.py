"""What the agreement of two rows says: its likelihood if the two are one, and if they are anything else. Compiled.

Fields count as independent given the circumstance, as in Fellegi and Sunter. For a common value the chance of strangers
grows with those who hold it (Winkler). Differences that an applicant can make say nothing, either way; a wholly
different identity speaks a little against.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from agoranomos.engine.compiled import nb
from agoranomos.engine.links.comparing import UNKNOWN
from agoranomos.engine.links.parameters import CIRCUMSTANCES, CLASSES, FIELDS

_OTHERS: Final = len(CIRCUMSTANCES)
_CLASSES: Final = len(CLASSES)
_FIELDS: Final = len(FIELDS)
_IDENTITY, _NAME, _ADDRESS, _NETWORK = 0, 1, 6, 8
_SURNAME: Final = 4
_LEAST: Final = 1e-9


@nb.njit(cache=True, nogil=True)
def likelihoods(levels: Any, parts: Any, held: Any, known: Any, out: Any) -> None:
    """Fills `out` (float64, FIELDS x CLASSES) with logarithms of how likely each agreement is in each class; zeros
    where a field says nothing. `known` is a `parameters.Numbers`.
    """
    out[:] = 0.0
    alone = levels[_NAME] < 2
    for field in range(2, _FIELDS):
        alone = alone and (levels[field] < 1 or field == _NETWORK)
    for field in range(_FIELDS):
        level = levels[field]
        if level == UNKNOWN:
            continue
        if field == _IDENTITY and level < 4:
            _parts(level, parts, known, out)
            if alone and level > 0:
                out[field, 0] += known.number_alone
            continue
        if level == 0:
            for other in range(_OTHERS):
                out[field, 2 + other] = np.log(max(_LEAST, 1.0 - known.shared[other, field]))
            continue
        by_chance = min(0.5, known.chance[field, level] + held[field] / known.size)
        out[field, 0] = known.same[field, level]
        out[field, 1] = np.log(by_chance)
        for other in range(_OTHERS):
            share = known.shared[other, field]
            if field == _NAME and level == 1:
                share = known.parts_shared[other, _SURNAME]
            elif field == _NAME and level == 2:
                share = 0.1 * share
            elif field == _ADDRESS and level == 1:
                share = min(share, 0.1)
            out[field, 2 + other] = np.log(max(share, by_chance))


@nb.njit(cache=True, nogil=True)
def _parts(level: int, parts: Any, known: Any, out: Any) -> None:
    """Of the identity: which of its parts agree. One alone is not known to agree, as only pairs are compared."""
    if level == 0:
        out[_IDENTITY, 0] = known.same[_IDENTITY, 0]
        return
    kept = 0
    for part in range(_SURNAME):
        kept += int(parts[part]) << part
    out[_IDENTITY, 0] = known.same[_IDENTITY, level] + known.unaltered[kept]
    for part in range(_SURNAME):
        for other in range(-1, _OTHERS):
            agrees = known.parts[part] if other < 0 else max(known.parts[part], known.parts_shared[other, part])
            out[_IDENTITY, 2 + other] += np.log(agrees if parts[part] else 1.0 - agrees)


@nb.njit(cache=True, nogil=True)
def log_odds(levels: Any, held: Any, logs: Any, known: Any, totals: Any) -> float:
    """The natural log-odds that the two are one; `totals` (float64, CLASSES) is filled with the logarithm of how many
    of each class are expected to agree so.
    """
    for c in range(_CLASSES):
        totals[c] = 0.0
        for field in range(_FIELDS):
            totals[c] += logs[field, c]
    totals[0] += np.log(max(known.returners, _LEAST))
    totals[1] += np.log(known.size)
    for other in range(_OTHERS):
        most = 0
        for field in range(_FIELDS):
            if levels[field] > 0 and known.shared[other, field] >= 0.5:
                most = max(most, held[field])
        totals[2 + other] += np.log(max(_LEAST, known.rates[other] * (1.0 + known.grows[other] * most)))
    highest = totals[1]
    for c in range(2, _CLASSES):
        highest = max(highest, totals[c])
    rest = 0.0
    for c in range(1, _CLASSES):
        rest += np.exp(totals[c] - highest)
    return float(totals[0] - highest - np.log(rest))
