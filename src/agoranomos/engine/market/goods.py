"""What is sold: categories with their prices and seasons, brands, and how sellers write titles.

Brand names are given from outside; the ones here are invented, so that a market can be made without a registry.
"""

from __future__ import annotations

from datetime import date
from itertools import accumulate
from math import cos, pi
from typing import Final

import msgspec

from agoranomos.engine.market.streams import Stream


class Category(msgspec.Struct, frozen=True):
    """A kind of goods. `price` is the median in fen, `spread` the deviation of the logarithm, `share` of the listings,
    `season` the month (1 to 12) of the greatest demand, 0 for none, `swing` how much it rises and falls.
    """

    code: str
    chinese: tuple[str, ...]
    english: tuple[str, ...]
    traits: tuple[str, ...]
    english_traits: tuple[str, ...]
    price: int
    spread: float
    share: float
    season: int = 0
    swing: float = 0.0

    def demand(self, day: date) -> float:
        """Demand in the season of `day` relative to the year's mean."""
        return 1.0 + self.swing * cos(2.0 * pi * (day.month - self.season) / 12.0) if self.season else 1.0


class Brand(msgspec.Struct, frozen=True):
    """A brand: id, names (the first is the main one), categories it sells in."""

    brand_id: str
    names: tuple[str, ...]
    categories: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split(","))


CATEGORIES: Final = (
    Category("shoes", _words("运动鞋 板鞋 跑步鞋 休闲鞋 帆布鞋 老爹鞋 马丁靴 凉鞋"),
             _phrases("running shoes, sneakers, canvas shoes, ankle boots, sandals"),
             _words("透气 防滑 轻便 百搭 厚底 网面 软底 增高 耐磨 秋冬加绒"),
             _phrases("breathable, lightweight, non-slip, cushioned, all-match"), 16_900, 0.7, 0.14, 9, 0.2),
    Category("clothing", _words("T恤 卫衣 连衣裙 牛仔裤 羽绒服 衬衫 针织衫 风衣 半身裙 休闲裤"),
             _phrases("T-shirt, hoodie, dress, jeans, down jacket, shirt"),
             _words("宽松 显瘦 韩版 纯棉 加厚 复古 修身 大码 学院风 高腰"),
             _phrases("loose fit, cotton, slim, oversized, vintage"), 11_900, 0.7, 0.22, 11, 0.3),
    Category("bags", _words("单肩包 双肩包 手提包 托特包 钱包 斜挎包 腰包"),
             _phrases("shoulder bag, backpack, tote bag, wallet, crossbody bag"),
             _words("大容量 真皮 防水 通勤 轻奢 小众 复古 百搭"),
             _phrases("large capacity, leather, waterproof, commuter, vintage"), 19_900, 0.9, 0.08, 9, 0.1),
    Category("cosmetics", _words("面霜 精华液 口红 面膜 洗面奶 粉底液 防晒霜 眼影盘"),
             _phrases("face cream, serum, lipstick, facial mask, cleanser, sunscreen"),
             _words("补水保湿 持久不脱色 温和不刺激 提亮肤色 控油 清爽 敏感肌适用"),
             _phrases("hydrating, long-lasting, gentle, brightening, oil control"), 9_900, 0.8, 0.13, 6, 0.15),
    Category("electronics", _words("蓝牙耳机 充电宝 机械键盘 数据线 智能手表 行车记录仪 音箱"),
             _phrases("bluetooth earphones, power bank, mechanical keyboard, smart watch, speaker"),
             _words("降噪 超长续航 快充 无线 高清 便携 低延迟 游戏"),
             _phrases("noise cancelling, fast charging, wireless, portable, low latency"), 15_900, 1.0, 0.11),
    Category("food", _words("坚果礼盒 牛肉干 龙井茶 蜂蜜 大米 咖啡豆 螺蛳粉 月饼"),
             _phrases("mixed nuts, green tea, honey, coffee beans, rice noodles"),
             _words("新鲜 手工 农家自产 独立包装 无添加 送礼 整箱 当季"),
             _phrases("fresh, handmade, individually wrapped, gift box"), 5_900, 0.6, 0.12, 1, 0.35),
    Category("home", _words("收纳箱 四件套 保温杯 拖把 炒锅 台灯 毛巾 晾衣架"),
             _phrases("storage box, bedding set, vacuum flask, frying pan, desk lamp, towel"),
             _words("加厚 可折叠 免打孔 大号 静音 不粘 家用 北欧风"),
             _phrases("foldable, non-stick, large, quiet, nordic style"), 5_900, 0.8, 0.14),
    Category("toys", _words("积木 毛绒玩具 遥控车 拼图 早教机 泡泡机"),
             _phrases("building blocks, plush toy, remote control car, puzzle"),
             _words("儿童 益智 男孩 女孩 生日礼物 大颗粒 电动"),
             _phrases("for kids, educational, birthday gift, electric"), 6_900, 0.7, 0.05, 6, 0.25),
)  # fmt: skip
TOP_UP: Final = Category(
    "top_up", ("话费充值", "流量充值"), ("phone top-up",), ("快充", "全国通用"), ("instant",), 5_000, 0.0, 0.01
)
"""As good as cash: sold at face value, delivered at once to the `payee_id`."""
BY_CODE: Final = {category.code: category for category in (*CATEGORIES, TOP_UP)}
_SHARES: Final = tuple(accumulate(category.share for category in CATEGORIES))
TOP_UP_VALUES: Final = (1_000, 2_000, 3_000, 5_000, 10_000, 20_000)
"""Face values in fen."""
_GENERIC: Final = 0.55
"""Share of listings without a brand."""
_ENGLISH: Final = 0.12
"""Share of titles in English, of sellers who also sell abroad."""
_SELLING_POINTS: Final = _words(
    "正品保证 现货速发 七天无理由 新款 当季新品 官方直供 厂家直销 包邮 爆款 网红同款 限时特惠 品质保障"
)
_PEOPLE: Final = _words("男士 女士 男女同款 学生 儿童 中老年 情侣款")
_COLOURS: Final = _words("白色 黑色 米色 灰色 粉色 藏青 卡其 红色 蓝色 军绿")
_ENGLISH_PEOPLE: Final = _phrases("for men, for women, unisex, for students, for kids")
_ENGLISH_COLOURS: Final = _phrases("white, black, beige, grey, pink, navy, khaki, red, blue")

_INVENTED: Final = """
Veloma 维洛玛 shoes+clothing|Tarsino 塔西诺 shoes|Stridex 驰德 shoes|Norvik 诺维克 clothing|Pacorro 帕柯罗 clothing
Kessano 凯萨诺 bags|Aurelin 奥瑞琳 bags|Tessaro 泰莎罗 bags|Lunesse 露妮丝 bags+cosmetics|Ondelio 昂黛柳 cosmetics
Miravelle 米拉薇 cosmetics|Halcyra 海希拉 electronics|Zentaro 臻太郎 electronics|Quillon 奇朗 electronics
Fenquan 丰泉谷 food|Yunlin 云麟坊 food|Casalta 卡萨塔 home|Homavi 禾玛维 home|Brixona 布里索 toys|Dorimel 多莉美 toys
"""


def _brands(table: str) -> tuple[Brand, ...]:
    rows = (row.split() for line in table.split("\n") for row in line.split("|") if row)
    return tuple(
        Brand(f"b-{latin.lower()}", (latin, chinese), tuple(kinds.split("+"))) for latin, chinese, kinds in rows
    )


INVENTED_BRANDS: Final = _brands(_INVENTED)


def category(stream: Stream) -> Category:
    """A category by its share of the listings."""
    return stream.pick(CATEGORIES, _SHARES)


def price(stream: Stream, kind: Category) -> int:
    """A list price in fen, mostly ending in .00 or 9.00 yuan, as shops write them."""
    if kind is TOP_UP:
        return stream.choice(TOP_UP_VALUES)
    fen = max(300, min(5_000_000, round(stream.lognormal(kind.price, kind.spread))))
    if fen < 2_000 or stream.chance(0.1):
        return fen // 10 * 10
    return max(900, fen // 1_000 * 1_000 + 900)


def brand(stream: Stream, kind: Category, brands: tuple[Brand, ...]) -> Brand | None:
    """One of the `brands` of this kind of goods; None: a generic article."""
    if stream.chance(_GENERIC):
        return None
    fitting = [one for one in brands if kind.code in one.categories]
    return fitting[int(len(fitting) * stream.random() ** 2)] if fitting else None


def title(stream: Stream, kind: Category, name: Brand | None) -> str:
    """A title as sellers write it: 15 to 35 Chinese characters, or 60 to 110 Latin ones."""
    if kind is TOP_UP:
        return f"手机{stream.choice(kind.chinese)} 移动联通电信 {stream.choice(kind.traits)} 自动到账"
    return _english_title(stream, kind, name) if stream.chance(_ENGLISH) else _chinese_title(stream, kind, name)


def _chinese_title(stream: Stream, kind: Category, name: Brand | None) -> str:
    traits = stream.sample(kind.traits, stream.between(2, 4))
    parts = [
        stream.choice(_SELLING_POINTS) if stream.chance(0.5) else "",
        name.names[-1] + (name.names[0] if stream.chance(0.4) else "") if name else "",
        stream.choice(_PEOPLE) if stream.chance(0.6) else "",
        "".join(traits[:2]) + stream.choice(kind.chinese),
        "".join(traits[2:]),
        stream.choice(_COLOURS) if stream.chance(0.4) else "",
        stream.choice(_SELLING_POINTS),
    ]
    return " ".join(part for part in parts if part)


def _english_title(stream: Stream, kind: Category, name: Brand | None) -> str:
    traits = ", ".join(stream.sample(kind.english_traits, stream.between(2, 3)))
    parts = [
        name.names[0] if name else "New",
        stream.choice(kind.english),
        stream.choice(_ENGLISH_PEOPLE),
        f"- {traits}, {stream.choice(_ENGLISH_COLOURS)}",
        f"model {stream.between(100, 9_999)}",
    ]
    return " ".join(parts).capitalize() if name is None else " ".join(parts)


def description(stream: Stream, kind: Category, name: Brand | None) -> str:
    """Two or three sentences."""
    about = f"品牌：{name.names[-1]}。" if name else ""
    return (
        f"{about}{stream.choice(kind.chinese)}，{'、'.join(stream.sample(kind.traits, 3))}。"
        f"颜色：{'/'.join(stream.sample(_COLOURS, 3))}。{stream.choice(_SELLING_POINTS)}，48小时内发货，支持退换。"
    )


def picture(stream: Stream) -> str:
    """A picture as its perceptual hash."""
    return f"phash:{stream.bits():016x}"
