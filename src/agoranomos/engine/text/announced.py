"""What contact details look like behind a cue: for the machine, which must not miss what the detector finds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from agoranomos.engine.compiled import nb
from agoranomos.engine.text.folds import AT_SIGN, EDGE, GAP_BEFORE, INSIDE, UNDERSCORE, WEAK

NUMBER_WORDS = np.frombuffer(b"zeronetwothrfoufivsixseveignin", np.uint8)
"""The first three letters of zero … nine."""
HANDLE_REACH = 40
"""Folded bytes behind an app's name in which an account name is looked for."""
SPELLED_MIN = 6
"""Ideographs that may be the sounds of a number (seven, of which the fold may join the first to what is before)."""
_HAO = 0x53F7
"""号, which may stand between an app and the number."""
SOUND_AS_DIGITS: Final = frozenset(
    "玲菱零龄铃伶羚凌灵陵岭领另令〇"
    "东冬董懂动栋侗恫冻洞"
    "一壹医揖铱依伊衣颐夷遗移仪胰疑沂宜姨彝椅蚁倚已乙矣以艺抑易邑屹亿役臆逸肄疫亦裔意毅忆义益溢诣议谊译异翼翌绎弌幺"
    "邀腰妖瑶摇尧遥窑谣姚咬舀药要耀钥幺"
    "而儿耳尔饵洱二贰弍佴"
    "粮凉梁粱良两辆量晾亮谅"
    "三叁伞散弎仨"
    "斯撕嘶思私司丝死肆寺嗣四饲巳"
    "巫呜钨乌污诬屋无芜梧吾吴毋武五捂午舞伍侮坞戊雾晤物勿务悟误"
    "溜琉榴硫馏留刘瘤流柳六陆"
    "期欺栖戚妻七凄漆柒沏其棋奇歧畦崎脐齐旗祈祁骑起岂乞企启契砌器气迄弃汽泣讫"
    "乖拐怪"
    "芭捌扒叭吧笆八疤巴拔跋靶把耙坝霸罢爸"
    "揪究纠玖韭久灸九酒厩救旧臼舅咎就疚"
    "钩勾沟苟狗垢构购够"
)
"""Characters that sound like a digit, 〇 to 九, or like 洞 幺 两 拐 勾 of the radio alphabet: 伊酒吾耳 is 1952.

The everyday characters of GB 2312 by their readings in pypinyin; kept here so that no dictionary is read at start. Each
stands for itself in the fold.
"""


def _bits(characters: Iterable[str]) -> npt.NDArray[np.uint8]:
    """A bit for each code point of the basic plane (uint8, 8,192)."""
    bits = np.zeros(1 << 13, np.uint8)
    for char in characters:
        bits[ord(char) >> 3] |= np.uint8(1 << (ord(char) & 7))
    return bits


_SOUNDED = _bits(SOUND_AS_DIGITS)


@nb.njit(cache=True, nogil=True)
def follows_cue(out: Any, meta: Any, begin: int, end: int, limit: int) -> int:
    """What may follow the contact cue from `begin` to `end`.

    1 for an account name, 2 for a number in words, 3 for both. An account has a digit, an @, an underscore or "id"; a
    number two number words, many ideographs behind Latin letters, and behind an ideograph many that sound like digits.
    """
    chinese = out[begin] >= 0xE3 and out[begin] <= 0xEF
    if out[begin] >= 0xC0 and not chinese:
        return 3
    found = 1 if out[end] == 105 and out[end + 1] == 100 else 0
    numbers = 0
    ideographs = 0
    for k in range(end, min(end + HANDLE_REACH, limit)):
        light = (meta[k] >> np.uint32(16)) & np.uint32(0xFF)
        if (light >= 48 and light <= 57) or light == 64 or meta[k] & np.uint32(AT_SIGN):
            found |= 1
        if k > end and meta[k] & np.uint32(UNDERSCORE):
            found |= 1
        ideographs += out[k] >= 0xE3 and meta[k] & np.uint32(INSIDE) == 0
        if meta[k] & np.uint32(GAP_BEFORE | EDGE | WEAK) or k == end:
            for word in range(0, len(NUMBER_WORDS), 3):
                numbers += (
                    out[k] == NUMBER_WORDS[word]
                    and out[k + 1] == NUMBER_WORDS[word + 1]
                    and out[k + 2] == NUMBER_WORDS[word + 2]
                )
    if chinese:
        if found:
            return 3  # digits may stand in a number half in letters: oB2i5IZIBS7I
        ideographs = _sounded(out, meta, end, limit)
    return found | 2 if numbers >= 2 or ideographs >= SPELLED_MIN else found


@nb.njit(cache=True, nogil=True)
def _sounded(out: Any, meta: Any, at: int, limit: int) -> int:
    """How many ideographs that sound like digits follow one another from `at` on, 号 aside.

    What is no ideograph of the basic block is passed over, as the fold may write one of them so (〇).
    """
    count = 0
    for k in range(at, min(at + HANDLE_REACH, limit)):
        if meta[k] & np.uint32(INSIDE):
            continue
        if out[k] < 0xE4 or out[k] > 0xE9:
            count += 1
            continue
        code = ((np.int64(out[k]) & 15) << 12) | ((np.int64(out[k + 1]) & 63) << 6) | (np.int64(out[k + 2]) & 63)
        if (_SOUNDED[code >> 3] >> (code & 7)) & 1:
            count += 1
        elif code != _HAO:
            break
    return count


@nb.njit(cache=True, nogil=True)
def may_hold_mail(data: Any, begin: int, end: int) -> bool:
    """Whether an address with @, (at) or [at] in any writing may stand in the text."""
    for i in range(begin, end):
        c = data[i]
        if c == 64 or c == 40 or c == 91 or c == 0xEF or c == 0xF0 or c == 0xE2:
            return True
    return False
