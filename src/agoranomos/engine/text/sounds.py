"""How Chinese characters sound, coarsely enough for the ear of a seller: tones and retroflexes aside.

Source: pypinyin's readings, the most frequent one of each character. Folded together, as much of China does:
zh ch sh with z c s, initial n with l, and final -ng with -n after a, e and i: the confusions that input methods
forgive as 模糊音.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

_FIRST, _LAST = 0x4E00, 0x9FFF
_FURTHER = 2
_MUTE = frozenset("阝卩扌氵忄犭礻衤纟讠钅饣亻艹辶灬刂冫宀冖")
"""Parts of characters: they have a reading in dictionaries, but nobody writes them for their sound."""
_V = str.maketrans("üǖǘǚǜ", "vvvvv")


def _coarse(syllable: str) -> str:
    syllable = re.sub(r"^([zcs])h", r"\1", syllable)
    syllable = re.sub(r"^n", "l", syllable)
    return re.sub(r"(?<=[aie])ng$", "n", syllable)


@cache
def _syllables() -> dict[str, int]:
    """Coarse syllable → its number from 1, in alphabetical order."""
    heard = {_coarse(s) for s in _readings() if s}
    return {syllable: number for number, syllable in enumerate(sorted(heard), 1)}


@cache
def _readings() -> tuple[str, ...]:
    """The reading of each ideograph of the basic block, "" where none is known."""
    return tuple(reading(chr(code)) for code in range(_FIRST, _LAST + 1))


def reading(char: str) -> str:
    """The pinyin of `char` without tone (ü: v), "" where none is known."""
    if char in _MUTE:
        return ""
    first = _dictionary().get(str(ord(char)), "").partition(",")[0]
    parts = unicodedata.normalize("NFD", first.translate(_V))
    spoken = "".join(part for part in parts if not unicodedata.combining(part))
    return spoken if spoken.isascii() else ""


_TONES = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}


def tone(char: str) -> str:
    """The tone of `char` as the digit that is typed behind its syllable, "" for the light tone and where none is known.

    >>> tone("古") + tone("驰")
    '32'
    """
    first = unicodedata.normalize("NFD", _dictionary().get(str(ord(char)), "").partition(",")[0])
    return next((_TONES[part] for part in first if part in _TONES), "")


@cache
def _dictionary() -> dict[str, str]:
    """The readings of pypinyin, most frequent first, by code point: its file alone, as its phrases take half a second
    to import.
    """
    spec = find_spec("pypinyin")
    assert spec is not None
    assert spec.origin is not None
    return msgspec.json.decode(Path(spec.origin).with_name("pinyin_dict.json").read_bytes(), type=dict[str, str])


@cache
def further_syllables() -> npt.NDArray[np.uint16]:
    """uint16 (0x10000, 2): up to two further syllables that each ideograph is read as, by the same numbers."""
    from pypinyin import Style, pinyin  # noqa: PLC0415 - a second to import, for compiling alone

    table = np.zeros((0x10000, _FURTHER), np.uint16)
    numbers, first = _syllables(), syllable_table()
    for code in range(_FIRST, _LAST + 1):
        spoken = pinyin(chr(code), style=Style.NORMAL, heteronym=True, errors="ignore")
        heard = (numbers.get(_coarse(one), 0) for one in (spoken[0] if spoken else ()))
        others = [number for number in dict.fromkeys(heard) if number and number != first[code]]
        table[code, : len(others[:_FURTHER])] = others[:_FURTHER]
    return table


@cache
def syllable_table() -> npt.NDArray[np.uint16]:
    """uint16 per code point of the basic plane: the number of its coarse syllable, 0 for none."""
    table = np.zeros(0x10000, np.uint16)
    numbers = _syllables()
    for offset, reading in enumerate(_readings()):
        table[_FIRST + offset] = numbers[_coarse(reading)] if reading else 0
    return table


def sounds_of(text: str, table: npt.NDArray[np.uint16] | None = None) -> tuple[int, ...]:
    """The syllable numbers of `text`; () unless every character is an ideograph with a known reading."""
    known = syllable_table() if table is None else table
    numbers = tuple(int(known[ord(char)]) if ord(char) < 0x10000 else 0 for char in text)
    return numbers if all(numbers) else ()
