"""Names of people and firms as common as they are in China.

Surname shares in per mille follow the yearly reports on names of the Ministry of Public Security (2018 to 2021: Wang,
Li, Zhang, Liu, Chen hold about 30 %), rounded; the characters of given names are those the same reports and any class
register show most, in falling order, drawn with weights 1/rank. About one given name in eight has one character.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Final

from agoranomos.engine.market.streams import Stream

_SURNAMES: Final = (
    "王71 李70 张67 刘54 陈45 杨31 黄22 赵21 吴20 周19 徐15 孙14 马13 朱12 胡12 郭11 何11 林11 高10 罗10 "
    "郑9 梁8 谢8 宋8 唐7 许7 韩7 邓7 冯7 曹7 彭6 曾6 肖6 田6 董6 潘5 袁5 蔡5 蒋5 余5 于5 杜5 叶5 程5 魏5 苏5 吕4 "
    "丁4 任4 卢4 姚4 沈4 钟4 姜4 崔4 谭4 陆4 范4 汪3 廖3 石3 金3 韦3 贾3 夏3 付3 方3 邹3 熊3 白3 孟3 秦3 邱3 侯3 江3 "
    "尹3 薛2 闫2 段2 雷2 龙2 黎2 史2 陶2 贺2 毛2 郝2 顾2 龚2 邵2 万2 覃2 武2 钱2 戴2 严2 莫2 孔2 向2 常2 汤2 欧阳1 司马1 诸葛1"
)
_MALE: Final = "伟强磊军洋勇杰涛超明刚平辉鹏华飞鑫波斌宇浩凯俊健文建志国海龙亮成宏峰庆林东晨阳泽子轩博昊天佳睿"
_FEMALE: Final = "芳娜敏静丽艳娟霞秀燕玲桂英婷红梅兰雪琳萍洁倩莉玉丹颖欣怡梓涵诗雨晴思佳美凤云琴瑶蕾慧嘉悦"
_FOREIGN: Final = ("NGUYEN VAN", "KIM", "TANAKA", "SMITH", "IVANOV", "SINGH", "GARCIA", "MULLER", "ROSSI", "OKAFOR")
_FOREIGN_GIVEN: Final = ("ANNA", "MINH", "JUN", "JAMES", "OLEG", "PRIYA", "LUIS", "EVA", "MARCO", "ADA")
_FIRM_FIRST: Final = "宏瑞鑫恒泰盛华嘉悦诚信德润丰启航星云海博远卓优佳品汇众联"
_STORE_KIND: Final = ("旗舰店", "专营店", "小铺", "优选店", "工厂店", "生活馆")
_FIRM_TRADE: Final = ("商贸", "贸易", "电子商务", "服饰", "日用品", "科技", "实业", "供应链管理")

_NAMES: Final = tuple(item.rstrip("0123456789") for item in _SURNAMES.split())
_NAMES_CUMULATIVE: Final = tuple(accumulate(int(item.lstrip("".join(_NAMES))) for item in _SURNAMES.split()))
_MALE_CUMULATIVE: Final = tuple(accumulate(1.0 / (rank + 8) for rank in range(len(_MALE))))
_FEMALE_CUMULATIVE: Final = tuple(accumulate(1.0 / (rank + 8) for rank in range(len(_FEMALE))))


def given_name(stream: Stream, *, female: bool) -> str:
    """A given name of one or two characters."""
    characters, cumulative = (_FEMALE, _FEMALE_CUMULATIVE) if female else (_MALE, _MALE_CUMULATIVE)
    first = stream.pick(characters, cumulative)
    return first if stream.chance(0.13) else first + stream.pick(characters, cumulative)


def surname(stream: Stream) -> str:
    """A surname by its frequency."""
    return stream.pick(_NAMES, _NAMES_CUMULATIVE)


def chinese_name(stream: Stream, *, female: bool) -> str:
    """A full name, surname first."""
    return surname(stream) + given_name(stream, female=female)


def foreign_name(stream: Stream) -> str:
    """A name as passports print it."""
    return f"{stream.choice(_FOREIGN)} {stream.choice(_FOREIGN_GIVEN)}"


def firm_name(stream: Stream, city: str) -> str:
    """The name of a limited company: place, fancy name, trade, form."""
    return f"{city}{_fancy(stream)}{stream.choice(_FIRM_TRADE)}有限公司"


def store_name(stream: Stream) -> str:
    """What a store calls itself."""
    return _fancy(stream) + stream.choice(_STORE_KIND)


def _fancy(stream: Stream) -> str:
    return "".join(stream.choice(_FIRM_FIRST) for _ in range(stream.between(2, 3)))
