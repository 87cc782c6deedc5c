"""What a comparison found, as a probability and in words."""

from __future__ import annotations

import math
from typing import Any, Final

import msgspec
import numpy as np

from agoranomos.engine.pictures import verifying
from agoranomos.engine.pictures.signature import Signature

REPORTED: Final = 0.5
"""Matches below this probability are not told."""
_WEIGHTS: Final = (0.5, 2.5, 4.0, 0.1)


class Match(msgspec.Struct, frozen=True):
    """A known picture that the asked one shows. `score`: the probability that it does. `marks`: those of it found in
    the right place; `share`: of those that could have been; `seen`: share of its area that is in view; `covers`: share
    of the asked picture that it fills; `degrees` turned clockwise, `zoom`; `words` the same for people."""

    name: str
    score: float
    marks: int
    share: float
    seen: float
    covers: float
    mirrored: bool
    degrees: float
    zoom: float
    words: str


def probability(found: Any) -> float:
    """That a comparison with these findings is of the same picture (see `verifying.FOUND`).

    A logistic function of the logarithms of followers, of their share and of their spread. Fitted on edited and on
    unrelated photos; then made stricter, until photos of one shoe model or on one floor stay below a half
    (docs/quality/pictures.md).
    """
    followers, possible, spread = float(found[0]), float(found[1]), float(found[2])
    if followers < 4:
        return 0.0
    share = followers / max(possible, followers)
    bias, of_followers, of_share, of_spread = _WEIGHTS
    odds = bias + of_followers * math.log(followers) + of_share * math.log(share)
    odds += of_spread * math.log(spread + 0.003)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def compared(asked: Signature, known: Signature, name: str = "") -> Match | None:
    """Compares two pictures; None when they are not told as the same."""
    found = np.zeros(verifying.FOUND, np.float32)
    size = np.array(asked.size, np.float32)
    other = np.array(known.size, np.float32)
    if not verifying.compare(
        asked.words, asked.places, asked.flags, size, known.words, known.places, known.flags, other, found
    ):
        return None
    return match_of(found, name)


def match_of(found: Any, name: str) -> Match | None:
    """The match from the numbers of a comparison; None below `REPORTED`."""
    score = probability(found)
    if score < REPORTED:
        return None
    a, b, _, d, e, _ = (float(each) for each in found[3:9])
    mirrored = bool(found[9])
    # A reflection is told as left and right exchanged, then turned.
    turned = math.degrees(math.atan2(d - b, a + e) if not mirrored else math.atan2(d + b, a - e)) - 180 * mirrored
    turned -= 360 * round(turned / 360)
    zoom = math.sqrt(abs(a * e - b * d))
    seen, covers = float(found[10]), float(found[11])
    followers = int(found[0])
    share = followers / max(float(found[1]), followers)
    words = _in_words(mirrored, turned, seen, covers)
    return Match(name, round(score, 4), followers, round(share, 3), round(seen, 2), round(covers, 2), mirrored,
                 round(turned, 1), round(zoom, 3), words)  # fmt: skip


def _in_words(mirrored: bool, degrees: float, seen: float, covers: float) -> str:
    said = []
    if mirrored:
        said.append("mirrored")
    if abs(degrees) >= 1.5:
        said.append(f"turned by about {abs(round(degrees))}° {'clockwise' if degrees > 0 else 'anticlockwise'}")
    if seen < 0.93:
        said.append(f"cropped to about {round(seen * 100)} % of its area")
    if covers < 0.9:
        said.append(f"filling about {max(1, round(covers * 100))} % of this picture")
    return ", ".join(said) if said else "the whole picture"
