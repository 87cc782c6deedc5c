"""Addresses as they are compared: the building and the room, however written, in Chinese or in Latin letters.

An address is its street (or village, or estate), as it sounds, and the numbers behind it in the order from house to
room. Words between the numbers (栋, 幢, 号楼, Building) say little and are written in every way, so they are left out;
the city is kept beside it, for those who write it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from agoranomos.engine.links.names import skeleton, syllables
from agoranomos.engine.text.orthography import simplified

_PROVINCES: Final = re.compile(
    "^(?:中国)?(?:(?:北京|天津|上海|重庆)市?(?=.{1,9}[市区县])|(?:河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东"
    "|海南|四川|贵州|云南|陕西|甘肃|青海|台湾)省?|(?:内蒙古|广西壮族|广西|西藏|宁夏回族|宁夏|新疆维吾尔|新疆)(?:自治区)?)"
)
_CITY: Final = re.compile(r"^([一-鿿]{2,7}?)(?:市|自治州|地区|盟)")
_DISTRICTS: Final = re.compile(r"^(?:[一-鿿]{1,8}?(?:新区|区|县|旗|市|镇|乡|街道))+(?=[一-鿿a-z]{2})")
_NUMERALS: Final = re.compile(r"[零〇一二三四五六七八九十百]+(?=号|栋|幢|楼|单元|层|座|室|房|户|弄|巷|期|区|组|$)")
_UNITS: Final = "号院栋幢楼座单元层室房户弄期第之组梯门"
_ANCHOR: Final = re.compile(rf"([一-鿿]+?)(?=\d|[a-z]\d*[{_UNITS}]|$)")
_NUMBER: Final = re.compile(r"\d+|(?<![a-z])[a-z](?![a-z])")
_WAYS: Final = (
    ("大道", "avenue"),
    ("大街", "street"),
    ("路", "road"),
    ("街", "street"),
    ("巷", "lane"),
    ("弄", "lane"),
)
_LATIN_WAYS: Final = {
    "road": "road", "rd": "road", "lu": "road", "street": "street", "st": "street", "jie": "street", "avenue": "avenue",
    "ave": "avenue", "dadao": "avenue", "boulevard": "avenue", "blvd": "avenue", "lane": "lane", "ln": "lane",
    "xiang": "lane", "drive": "drive", "dr": "drive", "place": "place", "pl": "place", "court": "court", "ct": "court",
    "crescent": "crescent", "circuit": "circuit", "close": "close", "terrace": "terrace", "way": "way",
}  # fmt: skip
_ROOM: Final = re.compile(r"(?:room|rm|flat|apt|apartment|unit|suite|#)\W*([a-z]?\d+[a-z]?)")
_BUILDING: Final = re.compile(r"(?:building|bldg|block|tower)\W*([a-z]?\d+|[a-z]\b)")
_DIGITS: Final = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0}


class Address(NamedTuple):
    """`site`: street and house; `room`: the same with all further numbers ("" where there are none); `city`: the city's
    own name ("" where none is written with its word for city).
    """

    site: str = ""
    room: str = ""
    city: str = ""


@lru_cache(maxsize=20_000)
def address_of(written: str) -> Address:
    """The address in `written`; empty where neither a street nor a number is found."""
    plain = unicodedata.normalize("NFKC", written).casefold()
    han, letters = len(re.findall("[一-鿿]", plain)), len(re.findall("[a-z]", plain))
    return _chinese(plain) if han >= letters else _latin(plain)


def _chinese(plain: str) -> Address:
    text = re.sub(r"[^\w#-]+", "", "".join(simplified().get(char, char) for char in plain))
    text = _PROVINCES.sub("", _NUMERALS.sub(lambda found: str(_value(found[0])), text))
    city = _CITY.match(text)
    text = _DISTRICTS.sub("", text)
    anchor = _ANCHOR.search(text)
    if anchor is None:
        return Address()
    numbers = _NUMBER.findall(text[anchor.end() :])
    return _address(_street(anchor[1]), numbers, city[1] if city else "")


def _street(han: str) -> str:
    for ending, way in _WAYS:
        if han.endswith(ending) and len(han) > len(ending):
            return f"{skeleton(syllables(han.removesuffix(ending)))} {way}"
    return skeleton(syllables(han))


def _latin(plain: str) -> Address:
    bare = "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))
    room, building = _ROOM.search(bare), _BUILDING.search(bare)
    rest = _BUILDING.sub(" ", _ROOM.sub(" ", bare))
    words = re.findall(r"[a-z]+|\d+", rest)
    for place, word in enumerate(words):
        if word in _LATIN_WAYS and place and words[place - 1].isalpha():
            begin = place - 1
            while begin and words[begin - 1].isalpha() and words[begin - 1] not in ("no", "of", "the"):
                begin -= 1
            street = f"{skeleton(''.join(words[begin:place]))} {_LATIN_WAYS[word]}"
            house = next((each for each in reversed(words[:begin]) if each.isdigit()), "")
            house = house or next((each for each in words[place + 1 : place + 3] if each.isdigit()), "")
            return _address(street, [each for each in (house, building and building[1], room and room[1]) if each], "")
    return Address()


def _address(street: str, numbers: list[str], city: str) -> Address:
    if not street or not numbers:
        return Address(city=city)
    numbers = [each.lstrip("0") or "0" for each in numbers]
    site = f"{street} {numbers[0]}"
    return Address(site, f"{street} {' '.join(numbers)}" if len(numbers) > 1 else "", city)


def _value(numeral: str) -> int:
    """十二 as 12, 三百零五 as 305, 五〇二 as 502."""
    if not re.search("[十百]", numeral):
        return int("".join(str(_DIGITS[char]) for char in numeral))
    total, digit = 0, 0
    for char in numeral:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit
