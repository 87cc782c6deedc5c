"""Where people live: area codes, streets, networks.

Area codes are those of GB/T 2260 for well-known districts and the towns of the shoe, bag and small-goods trade. The
internet addresses lie in ranges that nobody is reached under: 100.64.0.0/10 for carrier NAT (RFC 6598), 198.18.0.0/15
(RFC 2544) for offices and campuses, 240.0.0.0/4 (RFC 1112, reserved) for homes, so that no made event points to anyone.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Final, NamedTuple

from agoranomos.engine.market.streams import Stream


class Place(NamedTuple):
    """A district: its code (GB/T 2260), province, city and own name; `weight` is about its millions."""

    code: str
    province: str
    city: str
    district: str
    weight: float

    @property
    def area(self) -> str:
        """City and district, as a merchant sees where a parcel goes."""
        return self.city + self.district


_TABLE: Final = """
110101 北京 北京市 东城区 0.7|110105 北京 北京市 朝阳区 3.4|110108 北京 北京市 海淀区 3.1|120101 天津 天津市 和平区 0.4
130102 河北 石家庄市 长安区 0.9|140105 山西 太原市 小店区 1.2|210102 辽宁 沈阳市 和平区 0.8|210202 辽宁 大连市 中山区 0.4
220102 吉林 长春市 南关区 0.9|230102 黑龙江 哈尔滨市 道里区 1.0|310101 上海 上海市 黄浦区 0.7|310104 上海 上海市 徐汇区 1.1
310115 上海 上海市 浦东新区 5.7|320102 江苏 南京市 玄武区 0.5|320505 江苏 苏州市 虎丘区 0.8|330102 浙江 杭州市 上城区 1.3
330106 浙江 杭州市 西湖区 1.1|330108 浙江 杭州市 滨江区 0.5|330782 浙江 金华市 义乌市 1.9|340102 安徽 合肥市 瑶海区 0.9
350203 福建 厦门市 思明区 1.1|350302 福建 莆田市 城厢区 0.6|350303 福建 莆田市 涵江区 0.5|350304 福建 莆田市 荔城区 0.7
350582 福建 泉州市 晋江市 2.1|360102 江西 南昌市 东湖区 0.4|370102 山东 济南市 历下区 0.8|370202 山东 青岛市 市南区 0.5
410102 河南 郑州市 中原区 1.0|420102 湖北 武汉市 江岸区 1.0|420106 湖北 武汉市 武昌区 1.1|430102 湖南 长沙市 芙蓉区 0.6
440103 广东 广州市 荔湾区 1.2|440104 广东 广州市 越秀区 1.0|440106 广东 广州市 天河区 2.2|440304 广东 深圳市 福田区 1.6
440305 广东 深圳市 南山区 1.8|441900 广东 东莞市 市辖区 10.5|442000 广东 中山市 市辖区 4.4|450102 广西 南宁市 兴宁区 0.6
460105 海南 海口市 秀英区 0.6|500103 重庆 重庆市 渝中区 0.6|510104 四川 成都市 锦江区 0.9|510107 四川 成都市 武侯区 1.2
520102 贵州 贵阳市 南明区 1.0|530102 云南 昆明市 五华区 1.1|610102 陕西 西安市 新城区 0.6|610113 陕西 西安市 雁塔区 1.8
620102 甘肃 兰州市 城关区 1.5
"""


def _read(table: str) -> tuple[Place, ...]:
    rows = (row.split() for line in table.split("\n") for row in line.split("|") if row)
    return tuple(Place(code, province, city, name, float(weight)) for code, province, city, name, weight in rows)


PLACES: Final = _read(_TABLE)
_CUMULATIVE: Final = tuple(accumulate(place.weight for place in PLACES))
_STREETS: Final = (
    "人民路", "中山路", "解放路", "建设路", "和平路", "新华路", "胜利路", "文化路", "幸福路", "长江路",
    "黄河路", "育才路", "迎宾大道", "工业路", "滨河路", "学院路", "青年路", "友谊路", "光明路", "东风路",
)  # fmt: skip


def place(stream: Stream) -> Place:
    """A district by its number of people."""
    return stream.pick(PLACES, _CUMULATIVE)


def address(stream: Stream, where: Place) -> str:
    """Street, number and flat in `where`."""
    return (
        f"{where.province}{where.city}{where.district}{stream.choice(_STREETS)}{stream.between(1, 399)}号"
        f"{stream.between(1, 30)}栋{stream.between(1, 32)}0{stream.between(1, 6)}室"
    )


def home_network(stream: Stream) -> str:
    """The address of a household's line."""
    return f"{stream.between(240, 254)}.{stream.below(256)}.{stream.below(256)}.{stream.between(1, 254)}"


def site_network(stream: Stream) -> str:
    """The address of an office's or campus's line."""
    return f"198.{stream.between(18, 19)}.{stream.below(256)}.{stream.between(1, 254)}"


def carrier_network(stream: Stream, gateways: int) -> str:
    """One of `gateways` addresses behind which a mobile carrier hides its customers."""
    gateway = stream.below(gateways)
    return f"100.{64 + gateway // 65_536 % 64}.{gateway // 256 % 256}.{gateway % 256}"
