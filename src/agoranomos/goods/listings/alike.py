"""What it weighs that Chinese characters sound or look like a name: the shorter the name, the likelier it is chance."""

from __future__ import annotations

from typing import Final

from agoranomos.engine.text import nearby
from agoranomos.engine.text.rebuilding import Rebuilt
from agoranomos.engine.text.resemblance import Exchange

_SOUND_BY_LENGTH: Final = {2: 2.6, 3: 4.2}
_SOUND_IN_LONG: Final = 5.0
_EXCHANGED_BY_LENGTH: Final = {2: 2.4, 3: 3.4}
_EXCHANGED_IN_LONG: Final = 4.4
_EXCHANGED_LOOSELY: Final = 0.8
"""Taken off where the exchanged characters share no more than a radical."""
_EXCHANGED_FURTHER: Final = 0.5
"""Taken off names of three characters for each further one that only sounds the same."""


def sound_weight(length: int) -> float:
    """The log-odds that `length` characters that sound like a name are meant for it."""
    return _SOUND_BY_LENGTH.get(length, _SOUND_IN_LONG)


def exchanged_weight(exchange: Exchange) -> float:
    """The log-odds that a name of which characters were exchanged is meant."""
    weight = _EXCHANGED_BY_LENGTH.get(exchange.length, _EXCHANGED_IN_LONG)
    weight -= 0.0 if exchange.closely else _EXCHANGED_LOOSELY
    if exchange.length == nearby.ODD_MIN:
        weight -= _EXCHANGED_FURTHER * (exchange.changed - 1)
    return weight


def rebuilt_weight(found: Rebuilt) -> float:
    """What a rebuilt name weighs: the more characters are rare and hold the name's own, the less it is chance."""
    if found.length == 2:
        surely = found.held == found.alike and found.rare
        return 4.4 if surely and found.rare + found.held >= 3 else 3.4 if surely else 2.4 if found.rare == 2 else 0.0
    if found.length == 3:
        return 4.6 if found.held and found.rare else 3.0
    return 5.4 if found.held else 4.0
