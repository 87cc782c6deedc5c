"""A text as it is compared: lower case, half width, simplified, without what cannot be seen; with the way back.

The tables are those of `engine.text.folding`. Unlike there, every character stays one character, because people who
complain seldom disguise their words: it is the words around the cue that matter, and punctuation with them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from agoranomos.engine.text.folding import tr39_letters
from agoranomos.engine.text.orthography import simplified

_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0]"
)
_PLAIN: Final = {
    **dict.fromkeys("’‘ʼ`´", "'"),
    **dict.fromkeys("“”", '"'),
    **dict.fromkeys("‐‑–—", "-"),
    "｡": "。",
    "﹐": ",",
    "‼": "!",
    "⁉": "?",
}
_BLANKS: Final = "\u00a0\u2002\u2003\u2009\u202f\u3000\t\r"


class _Table(dict[int, str]):
    """Code point → the one character that it is read as; each worked out when first met, as there are a million."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        form = unicodedata.normalize("NFKC", char).lower()
        # What this Unicode does not know, and half characters, stay as they are.
        known = unicodedata.category(char) not in ("Cn", "Co", "Cs")
        self[code] = form if known and len(form) == 1 else char
        return self[code]


@cache
def table() -> dict[int, str]:
    """What each character is read as."""
    folded = _Table()
    folded |= {ord(old): folded[ord(new)] for old, new in simplified().items()}
    folded |= {ord(old): new for old, new in tr39_letters().items() if ord(old) > 0x24F}
    folded |= {ord(old): new for old, new in _PLAIN.items()}
    folded |= dict.fromkeys(map(ord, _BLANKS), " ")
    return folded


class Folded:
    """`text` as it is read, and where each of its characters stood."""

    __slots__ = ("_back", "text")

    def __init__(self, given: str) -> None:
        self._back: list[int] | None = None
        if _UNSEEN.search(given):
            kept = [at for at, char in enumerate(given) if not _UNSEEN.match(char)]
            self._back = [*kept, len(given)]
            given = "".join([given[at] for at in kept])
        self.text = given.lower() if given.isascii() else given.translate(table())

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The place in the given text of `start` to `end` of `text`."""
        if self._back is None or end <= start:
            return start, end
        return self._back[start], self._back[end - 1] + 1
