"""Made applicants: honest ones of every kind that a marketplace of China meets, and doctored numbers.

Names, areas and habits of writing are drawn here and nowhere else, so that nothing is found for having been looked up
in the same table. Check characters follow the standards, by the generator of made markets. Nobody is real.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from agoranomos.engine.market import identity
from agoranomos.engine.market.streams import Stream

APPLIED: Final = date(2026, 5, 1)
# Areas of today, with their provinces as people write them.
AREAS: Final = (
    ("110105", "北京"), ("310115", "上海市"), ("330782", "浙江"), ("350582", "福建省"),
    ("441900", "广东"), ("440305", "Guangdong"), ("510107", "四川"), ("420106", "湖北"), ("650102", "新疆"),
    ("540102", "西藏"), ("152921", "内蒙古"), ("460105", "海南"),
    ("320594", "江苏"), ("500112", "重庆"), ("230102", "黑龙江省"), ("610113", "陕西"),
)  # fmt: skip
# Areas that are gone, with the last year in which they gave out numbers, about.
GONE: Final = (
    ("110103", 2009, "北京"), ("110104", 2009, "北京"), ("310103", 2010, "上海"), ("310119", 2008, "上海"),
    ("310108", 2014, "上海"), ("330183", 2013, "浙江"), ("510202", 1996, "重庆"), ("512301", 1994, "重庆"),
    ("440182", 2013, "广东"), ("320107", 2012, "江苏"), ("120107", 2008, "天津"), ("440104", 2004, "广东"),
)  # fmt: skip
SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈姚卢"
)
COMPOUND: Final = ("欧阳", "司马", "上官", "诸葛", "皇甫", "尉迟", "令狐")
GIVEN: Final = "伟芳娜敏静秀英丽强磊军洋勇艳杰娟涛明超霞平刚文辉玲建华国红梅波宇浩然子轩梓涵诗雨欣怡淼焱喆"
MINORITY: Final = (
    "阿卜杜热合曼·艾力", "古丽娜尔·买买提", "迪丽努尔·阿不都热依木", "买买提•吐尔逊", "阿依古丽", "扎西次仁",
    "卓玛央金", "巴图尔·达瓦",
    "乌云其其格", "斯琴格日乐", "金光浩", "木呷阿且", "努尔兰·哈力克",
)  # fmt: skip
FOREIGN: Final = (
    "Anna Maria Eriksson", "John O'Brien", "Nguyễn Thị Minh Khai", "José García-Márquez", "Sato Yuki", "Kim Min-jun",
    "Mohammed Al-Rashid", "Oluwaseun Adeyemi", "Łukasz Wiśniewski", "Jean-François Lévêque",
)  # fmt: skip
HONG_KONG: Final = ("陳大文", "黃嘉欣", "CHAN Tai Man", "林志豪", "何鴻")
FIRMS: Final = (
    "贸易有限公司",
    "电子商务有限公司",
    "鞋业有限公司",
    "商行",
    "百货店",
    "工艺品厂",
    "科技股份有限公司",
    "农业专业合作社",
)


def honest(stream: Stream, number: int) -> dict[str, Any]:
    """The fields of an honest application; `kind` says of what kind it is."""
    draw = stream.child(number)
    kind = draw.pick(tuple(_KINDS), _CUMULATIVE)
    fields: dict[str, Any] = {name: value for name, value in _KINDS[kind](draw).items() if value}
    if fields["id_kind"] != "business" and draw.chance(0.8):
        fields["bank_account"] = _written(draw, identity.bank_card(draw))
    return {"application_id": f"a{number}", "seller_id": f"s{number}", **fields, "kind": kind}


def doctored(stream: Stream, number: int) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Numbers of residents changed in every way: what was done, the fields, and what stands on the card in the photo.

    The typed birth date is that of the changed number, except where it was forgotten.
    """
    draw = stream.child(number)
    area, region = draw.choice(AREAS)
    born = _birth(draw)
    true = identity.resident_number(area, born, draw.between(1, 999))
    fields = {
        "id_kind": "cn_resident", "legal_name": _name(draw), "region": region, "birth_date": born.isoformat(),
    }  # fmt: skip
    for name, changed in _changes(draw, true):
        own: dict[str, Any] = {
            **fields,
            "id_number": changed,
            "application_id": f"{name}-{number}",
            "seller_id": f"s{number}",
        }
        typed = changed[6:14]
        own["birth_date"] = f"{typed[:4]}-{typed[4:6]}-{typed[6:]}"
        yield name, own, true
        if changed[6:14] != true[6:14] and "recomputed" in name:
            kept = {**own, "application_id": f"{name}-f-{number}", "birth_date": fields["birth_date"]}
            yield f"{name}, typed birth date forgotten", kept, true


def _changes(draw: Stream, true: str) -> Iterator[tuple[str, str]]:
    yield "one digit", _slip(draw, true, 1, range(17))
    yield "two digits", _slip(draw, true, 2, range(17))
    yield "three digits", _slip(draw, true, 3, range(17))
    at = next((place for place in range(16, 0, -1) if true[place] != true[place - 1]), 16)
    yield "two neighbours exchanged", true[: at - 1] + true[at] + true[at - 1] + true[at + 1 :]
    for part, places in (("area", range(6)), ("birth date", range(6, 14)), ("sequence", range(14, 17))):
        body = _slip(draw, true, 1, places)[:17]
        yield f"one digit of the {part}, recomputed", body + identity.resident_check(body)
    body = _slip(draw, true, 2, range(17))[:17]
    yield "two digits, recomputed", body + identity.resident_check(body)


def _slip(draw: Stream, number: str, count: int, places: range) -> str:
    changed = list(number)
    for place in draw.sample(list(places), count):
        changed[place] = draw.choice([digit for digit in "0123456789" if digit != number[place]])
    return "".join(changed)


def _resident(draw: Stream, area: tuple[str, str], name: str = "", born: date | None = None) -> dict[str, Any]:
    born = born or _birth(draw)
    number = identity.resident_number(area[0], born, draw.between(1, 999))
    region = area[1] if draw.chance(0.7) else draw.choice(AREAS)[1]  # people move
    return {
        "id_kind": "cn_resident", "legal_name": name or _name(draw), "id_number": _written(draw, number),
        "birth_date": draw.choice((born.isoformat(), f"{born:%Y%m%d}", f"{born.year}年{born.month}月{born.day}日", "")),
        "region": region,
    } | ({"id_number": number, "birth_date": born.isoformat()} if name == "" and draw.chance(0.5) else {})  # fmt: skip


def _written(draw: Stream, number: str) -> str:
    """As people write numbers: some with spaces, in small letters, or full-width."""
    way = draw.below(20)
    if way == 0:
        return number.lower()
    if way == 1:
        return " ".join((number[:6], number[6:14], number[14:]))
    if way == 2:
        return number.translate({ord("0") + digit: ord("０") + digit for digit in range(10)})
    return number


def _birth(draw: Stream) -> date:
    return date(1958, 1, 1) + timedelta(days=draw.below(365 * 49))


def _name(draw: Stream) -> str:
    surname = draw.choice(COMPOUND) if draw.chance(0.02) else draw.choice(SURNAMES)
    return surname + "".join(draw.choice(GIVEN) for _ in range(draw.choice((1, 2, 2, 2))))


def _namesake(draw: Stream) -> dict[str, Any]:
    return _resident(draw, draw.choice(AREAS), draw.choice(("张伟", "王芳", "李娜", "刘洋")))


def _gone(draw: Stream) -> dict[str, Any]:
    code, last, region = draw.choice(GONE)
    born = date(draw.between(1960, min(last, 2006)), draw.between(1, 12), draw.between(1, 28))
    return {**_resident(draw, (code, region), _name(draw), born)}


def _permit(draw: Stream) -> dict[str, Any]:
    area = draw.choice(("810000", "820000", "830000"))
    return {**_resident(draw, (area, ""), draw.choice(HONG_KONG)), "region": draw.choice(AREAS)[1]}


def _permanent(draw: Stream) -> dict[str, Any]:
    office, country = draw.choice(("11", "31", "44")), draw.choice(("840", "410", "276"))
    body = f"9{office}{country}{_birth(draw):%Y%m%d}{draw.between(1, 999):03d}"
    number = body + identity.resident_check(body)
    return {"id_kind": "cn_resident", "legal_name": draw.choice(FOREIGN), "id_number": number, "region": "上海"}


def _passport(draw: Stream) -> dict[str, Any]:
    name = draw.choice(FOREIGN)
    return {
        "id_kind": "passport",
        "legal_name": name,
        "id_number": identity.passport_number(draw),
        "birth_date": _birth(draw).isoformat(),
    }


def _firm(draw: Stream) -> dict[str, Any]:
    area, region = draw.choice(AREAS)
    name = (
        f"{draw.choice(('杭州', '莆田', '广州', '义乌'))}{draw.choice(GIVEN)}{draw.choice(GIVEN)}{draw.choice(FIRMS)}"
    )
    return {
        "id_kind": "business", "legal_name": name, "id_number": identity.firm_number(draw, area), "region": region,
        "bank_account": f"{draw.below(10**12):012d}{draw.below(10**5):05d}",
    }  # fmt: skip


_KINDS: Final = {
    "residents": lambda draw: _resident(draw, draw.choice(AREAS)),
    "namesakes": _namesake,
    "names of minorities": lambda draw: _resident(draw, draw.choice(AREAS), draw.choice(MINORITY)),
    "areas that are gone": _gone,
    "Hong Kong, Macau, Taiwan": _permit,
    "permanent residents": _permanent,
    "passports": _passport,
    "firms": _firm,
}
_CUMULATIVE: Final = (0.5, 0.6, 0.68, 0.78, 0.82, 0.84, 0.9, 1.0)
