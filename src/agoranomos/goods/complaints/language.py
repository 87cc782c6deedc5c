"""Which language a text is in, as far as it matters: can it be read?"""

from __future__ import annotations

import re
from typing import Final

from agoranomos.goods.complaints.model import Lang

_HAN: Final = re.compile("[\u3400-\u9fff\U00020000-\U0002fa1f]+")
_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fa]+")
_LETTER: Final = re.compile(r"[^\W\d_]+")
_BEYOND: Final = re.compile("[^\x00-\x7f]+")
_ASCII: Final = b"abcdefghijklmnopqrstuvwxyz"
_WORD: Final = re.compile("[a-z']+")
# Short words that stand in almost every sentence of a language and in no English one.
_FOREIGN: Final = frozenset(
    """el los las una uno que por para pero muy con del es esta este como mas sin se lo le les des est pas une dans
    sur avec pour qui il elle je et der die das und ist nicht ein eine mit ich auf sehr aber von zu den o os uma nao
    com muito mas bem di che non per sono molto anche yang dan tidak ini itu saya barang bagus untuk ng ang na sa
    hindi khong la va bir bu ve cok degil het een niet van dit maar zeer och inte att ar det som jest nie to bardzo
    """.split()  # noqa: SIM905 - a hundred words read better as a text
)
_ENGLISH: Final = frozenset(
    """the and is was it this that of in for not my you with but very have has are they these i from good bad product
    fake original genuine don't it's so no your""".split()  # noqa: SIM905 - as above
)


def language_of(text: str) -> Lang:
    """The language of a folded text: the one that most of its letters are of."""
    if text.isascii():
        return _latin(text)
    plain = text.encode("ascii", "ignore")
    latin = len(plain) - len(plain.translate(None, _ASCII))
    rest = _HAN.sub("", text)
    han = len(text) - len(rest)
    letters = latin + han + _count(_LETTER, "".join(_BEYOND.findall(rest)))
    if han and han * 4 >= letters and _count(_KANA, rest) * 4 < han:
        return "zh"
    ascii_letters = latin + plain.count(b"'")
    return _latin(text) if ascii_letters * 10 >= letters * 8 else "other"


def _latin(text: str) -> Lang:
    words = _WORD.findall(text)
    if not words:
        return "other"
    foreign = sum(map(_FOREIGN.__contains__, words))
    if foreign * 8 < len(words):
        return "en"
    english = sum(map(_ENGLISH.__contains__, words))
    return "other" if foreign > english else "en"


def _count(runs: re.Pattern[str], text: str) -> int:
    """How many characters of `text` are in runs of this kind."""
    return len(text) - len(runs.sub("", text))
