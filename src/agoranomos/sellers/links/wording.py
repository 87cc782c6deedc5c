"""What two sellers share, in words: a plain list that people read before any figure, in English and Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agoranomos.engine.links.explaining import Fact

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "identity.same": ("the same identity number", "证件号码相同"),
    "name.same": ("the same name", "姓名相同"),
    "name.sounds": ("a name that sounds the same", "姓名同音"),
    "name.surname": ("a surname that sounds the same", "姓氏同音"),
    "phone.same": ("the same telephone number", "手机号相同"),
    "bank.same": ("the same bank account", "银行账户相同"),
    "mailbox.same": ("the same mailbox name", "邮箱名相同"),
    "licence.same": ("the same licence number", "执照号相同"),
    "address.room": ("the same room at the same address", "地址相同（同一房间）"),
    "address.building": ("the same building", "同一栋楼"),
    "device.same": ("the same device", "设备相同"),
    "network.same": ("the same network", "网段相同"),
    "face_photo.same": ("the same photo of the face", "人脸照片相同"),
    "id_photo.same": ("the same photo of the identity card", "证件照片相同"),
    "holding_photo.same": ("the same photo with the card in hand", "手持证件照相同"),
    "picture.one": ("a picture of goods that hardly anybody else uses", "有一张他人几乎不用的商品图片相同"),
    "picture.several": ("several pictures of goods that hardly anybody else uses", "有多张他人几乎不用的商品图片相同"),
    "text.one": ("a text of a listing that hardly anybody else uses", "有一段他人几乎不用的商品文案相同"),
    "text.several": ("several texts of listings that hardly anybody else uses", "有多段他人几乎不用的商品文案相同"),
}
_PARTS: Final = {
    "area": ("the area", "地区"),
    "year": ("the year of birth", "出生年份"),
    "day": ("the day of birth", "出生月日"),
    "serial": ("the serial", "顺序码"),
}
_CIRCUMSTANCES: Final = {
    "agent": ("clients of one agent", "同一代办的客户"),
    "household": ("members of one household", "同一家庭成员"),
    "namesake": ("namesakes", "重名"),
    "supplier": ("customers of one supplier", "同一供货商的客户"),
}


def words(fact: Fact) -> tuple[str, str]:
    """A fact in English and in Chinese."""
    if fact.field == "comers":
        return (
            f"{fact.others} others who have come to the same address since that store was closed",
            f"该店关闭后，同一地址已有 {fact.others} 名其他申请人",
        )
    if fact.parts:
        agreeing = [_PARTS[part] for part in fact.parts]
        return (
            f"an identity number that agrees in {_listed([each for each, _ in agreeing])} and differs in the rest",
            f"证件号码仅{'、'.join(each for _, each in agreeing)}相同，其余不同",
        )
    english, chinese = _WORDS[f"{fact.field}.{fact.level}"]
    if fact.others and fact.field not in ("name", "network", "picture", "text"):
        return f"{english} (as {_others(fact.others)})", f"{chinese}（另有 {fact.others} 家）"
    return english, chinese


def sentence(facts: Sequence[Fact]) -> tuple[str, str]:
    """All facts, after each other."""
    pairs = [words(fact) for fact in facts]
    return _listed([english for english, _ in pairs]), "；".join(chinese for _, chinese in pairs)


def circumstance(name: str) -> tuple[str, str]:
    """What two people would be, if they are not one."""
    return _CIRCUMSTANCES[name]


def _others(many: int) -> str:
    return f"{many} other{'s' if many > 1 else ''} have"


def _listed(items: Sequence[str]) -> str:
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)
