"""What leads to a person in words, in a folded text: addresses, e-mail, accounts elsewhere, announced names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_HAN: Final = r"[\u3400-\u9fff]"
_EMAIL: Final = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}\s?(?:@|\(at\)|\[at\]|#at#)\s?"
    r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"
)
_ELSEWHERE: Final = re.compile(
    r"(?i:微信|威信|薇信|wechat|(?<![a-z])wx|(?<![a-z])vx|v信|(?<![a-z])qq|whatsapp|telegram|钉钉|支付宝)"
    r"(?:号码|账号|号|id)?(?:是|为)?[\s::]{0,3}([A-Za-z0-9][A-Za-z0-9_+-]{4,31})"
)
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟"
    "谭陆汪范廖石贾韦夏付方白邹孟熊秦邱侯江尹薛阎段雷龙黎史陶贺毛郝顾龚邵覃武钱戴严莫孔向汤常温康施洪季葛庞颜庄聂章"
    "鲁岳翁殷柯倪俞梅焦詹"
)
_TWO: Final = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|长孙|司徒|令狐|夏侯|轩辕|宇文"
_SURNAME: Final = rf"(?:{_TWO}|[{_SURNAMES}])"
_AFTER_NAME: Final = (
    r"(?=电话|手机|联系|地址|身份证|住址|卡号|账号|先生|女士|小姐|[的说和是在于及与收已要买给了,]|[^\u3400-\u9fff]|$)"
)
_LABELS: Final = "姓名|真名|户名|开户名|持卡人|联系人|收件人|收货人|寄件人"
_ANNOUNCED: Final = re.compile(
    rf"(?:{_LABELS}|当事人|法人代表|法定代表人|法人|我叫|名叫|名字叫|名字是|叫做)(?:是|为|叫)?[\s::]{{0,3}}"
    rf"((?:{_SURNAME}(?:·|{_HAN}){{1,3}}?){_AFTER_NAME}|{_SURNAME}{_HAN}{{1,2}})"
)
_FILLED_IN: Final = re.compile(rf"(?:{_LABELS})\s?[::]\s?({_HAN}{{2,4}}){_AFTER_NAME}")
_TITLED: Final = re.compile(rf"(?!任何)(?<!任)({_SURNAME}{_HAN}{{0,2}}?)(?=先生|女士|小姐|太太|师傅|经理|老师|同志)")
_LATIN: Final = re.compile(
    r"\b(?:(?:Mr|Mrs|Ms|Miss|Dr)\b\.?|(?i:my name is|i am called|name:|contact:|recipient:))\s{0,3}"
    r"([A-Z][a-z'-]{1,20}(?:[ ·][A-Z][a-z'-]{1,20}){0,2})"
)
_PLACE_END: Final = re.compile(
    r"(?:大道|大街|公路|胡同|新村|小区|花园|公寓|家园|街道|广场|大厦|工业园|[路街巷弄村苑里道镇乡])"
)
_DOOR: Final = re.compile(
    r"[\d十百]{1,6}(?:[-之]\d{1,4})?[A-Za-z]?\s?(?:号楼|号院|号|弄|栋|幢|座|单元|室|组|楼|层|门)"
    r"(?:[\u3400-\u9fffA-Za-z ]{0,6}?\d{1,5}(?:-\d{1,4}){0,2}\s?(?:号楼|号|栋|幢|座|单元|室|楼|层|门|房)?){0,5}"
)
_BEFORE_MAX: Final = 36
_BEGINS: Final = re.compile(
    r"地址|住址|寄往|位于|[^\u3400-\u9fffA-Za-z0-9 ]|(?<![省市区县镇乡]) |[住在到去了的是]"
)  # fmt: skip
_DOOR_LEFT_MAX: Final = 12
_APART: Final = re.compile(r"[^\u3400-\u9fffA-Za-z0-9 -]")
_TOWN: Final = re.compile(r"[\u3400-\u9fff](?:省|市|区|县|镇)")
_BUILDING: Final = re.compile(r"号楼|栋|幢|单元|室")


def words(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, kind) of each in the folded `text`."""
    for found in _EMAIL.finditer(text):
        yield found.start(), found.end(), "email"
    for found in _ELSEWHERE.finditer(text):
        yield found.start(1), found.end(1), "account"
    for pattern in (_ANNOUNCED, _FILLED_IN, _TITLED, _LATIN):
        for found in pattern.finditer(text):
            yield found.start(1), found.end(1), "name"
    yield from _addresses(text)


def _addresses(text: str) -> Iterator[tuple[int, int, str]]:
    """A door's number with a street or a place before it; from the beginning of the address as far as one is seen."""
    for door in _DOOR.finditer(text):
        left = max(0, door.start() - _BEFORE_MAX)
        before = text[left : door.start()]
        place = _place(before, door[0])
        if place is not None:
            cuts = [found.end() for found in _BEGINS.finditer(before, 0, max(0, place - 1))]
            yield left + (cuts[-1] if cuts else 0), door.end(), "address"


def _place(before: str, door: str) -> int | None:
    """Where the name of the street or place ends on which the door is; None when there is none."""
    places = list(_PLACE_END.finditer(before))
    if places and not _APART.search(before, places[-1].end()) and len(before) - places[-1].end() <= _DOOR_LEFT_MAX:
        return places[-1].start()
    # "… district, Garden of Bamboos, building 10": what stands before a building is its place, in a town.
    town = _TOWN.search(before) if _BUILDING.search(door) else None
    return len(before) - 1 if town and not _APART.search(before, town.end()) else None
