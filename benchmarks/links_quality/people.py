"""Made people, with tables of their own: nothing here is shared with what judges them.

Surnames and the characters of given names fall off as ranks do (Zipf); areas are 2,400 codes of unequal size; towers,
carriers and agents are shared by many. Spellings of one address differ as people's do.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Final

SURNAMES: Final = tuple(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟"
    "汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严"
    "牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席"
    "卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边"
)
GIVEN: Final = tuple(
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲健红建国华志云飞鹏玉萍梅春海波鑫雪燕林凯莉斌晓宇浩丹慧琴龙"
    "俊峰倩颖婷宁欣瑞雨晨佳嘉怡子轩博涵梓泽一诺思远航天乐成旭东阳力民永安庆康达荣福贵祥顺义仁礼智信德才学友爱国家兴旺"
    "发财源广茂盛昌隆金银铜铁锡木水火土山川河湖江"
)
STREETS: Final = (
    ("长安", "路", "Chang'an Road"), ("南京", "路", "Nanjing Road"), ("淮海", "路", "Huaihai Road"),
    ("珠江", "路", "Zhujiang Road"), ("天河", "路", "Tianhe Road"), ("深南", "大道", "Shennan Avenue"),
    ("滨江", "大道", "Binjiang Avenue"), ("学府", "街", "Xuefu Street"), ("府前", "街", "Fuqian Street"),
    ("北京", "路", "Beijing Road"), ("昆仑", "路", "Kunlun Road"), ("泰山", "路", "Taishan Road"),
    ("石狮", "路", "Shishi Road"), ("新城", "大道", "Xincheng Avenue"), ("站前", "路", "Zhanqian Road"),
    ("环城", "路", "Huancheng Road"), ("书香", "街", "Shuxiang Street"), ("桃园", "路", "Taoyuan Road"),
    ("金桥", "路", "Jinqiao Road"), ("玉兰", "路", "Yulan Road"),
)  # fmt: skip
CITIES: Final = (
    "广州", "深圳", "杭州", "宁波", "温州", "金华", "莆田", "泉州", "厦门", "福州",
    "成都", "重庆", "武汉", "长沙", "郑州", "青岛", "济南", "苏州", "无锡", "南通",
    "合肥", "南昌", "西安", "沈阳", "大连", "石家庄", "太原", "昆明", "贵阳", "南宁",
)  # fmt: skip
_NUMERALS: Final = "〇一二三四五六七八九"
HOMOPHONES: Final = (
    "伟玮炜纬",
    "芳方坊",
    "静敬靖婧",
    "丽莉力立",
    "军君均钧",
    "勇永咏",
    "杰洁捷",
    "明鸣铭",
    "华桦骅",
    "建健",
    "志智致",
    "宇雨语",
    "浩昊皓",
    "佳嘉家",
)
CHECKS: Final = "10X98765432"
WEIGHTS: Final = tuple(2 ** (17 - place) % 11 for place in range(17))

Applicant = dict[str, Any]


class People:
    """Draws people; `draws` is where all randomness comes from."""

    def __init__(self, draws: random.Random) -> None:
        self.draws = draws
        self._surname_weights = [1 / (rank + 6) for rank in range(len(SURNAMES))]
        self._given_weights = [1 / (rank + 25) for rank in range(len(GIVEN))]
        self._areas = [
            f"{11 + draws.randrange(54):02d}{draws.randrange(1, 30):02d}{draws.randrange(1, 30):02d}"
            for _ in range(2_400)
        ]
        self._area_weights = [1 / (rank + 40) for rank in range(len(self._areas))]
        self._carriers = [
            f"{draws.randrange(101, 126)}.{draws.randrange(256)}.{draws.randrange(256)}" for _ in range(60)
        ]

    def name(self) -> str:
        """Surname and one or two characters."""
        surname = self.draws.choices(SURNAMES, self._surname_weights)[0]
        return surname + "".join(
            self.draws.choices(GIVEN, self._given_weights, k=1 if self.draws.random() < 0.12 else 2)
        )

    def birth(self) -> str:
        """YYYYMMDD."""
        return f"{self.draws.randrange(1958, 2006)}{self.draws.randrange(1, 13):02d}{self.draws.randrange(1, 29):02d}"

    def area(self) -> str:
        """An area code by its size."""
        return self.draws.choices(self._areas, self._area_weights)[0]

    def number(self, area: str, birth: str) -> str:
        """A resident number."""
        return checked(f"{area}{birth}{self.draws.randrange(1, 1_000):03d}")

    def phone(self) -> str:
        """Eleven digits."""
        return f"1{self.draws.choice('3578')}{self.draws.randrange(10**9):09d}"

    def bank(self) -> str:
        """Nineteen digits."""
        return f"62{self.draws.randrange(10**17):017d}"

    def device(self) -> str:
        """An opaque id."""
        return f"dev-{self.draws.getrandbits(48):012x}"

    def network(self) -> str:
        """An address: one in four behind a carrier's gateway, others at a line of their own."""
        if self.draws.random() < 0.25:
            return f"{self.draws.choice(self._carriers)}.{self.draws.randrange(1, 255)}"
        first, last = self.draws.randrange(11, 100), self.draws.randrange(1, 255)
        return f"{first}.{self.draws.randrange(256)}.{self.draws.randrange(256)}.{last}"

    def place(self) -> tuple[str, int, int, int, int]:
        """City, street, house, building, room."""
        draws = self.draws
        return (
            draws.choice(CITIES), draws.randrange(len(STREETS)), draws.randrange(1, 400), draws.randrange(1, 25),
            draws.randrange(1, 30) * 100 + draws.randrange(1, 5),
        )  # fmt: skip

    def spelt(self, place: Sequence[Any]) -> str:
        """An address as somebody writes it."""
        city, street, house, building, room = place
        han, way, latin = STREETS[street]
        style = self.draws.random()
        if style < 0.05:
            return f"Room {room}, Building {building}, No.{house} {latin.replace(chr(39), '')}, {city}"
        if style < 0.15:
            numeral = "".join(_NUMERALS[int(digit)] for digit in str(room))
            return f"{city}市{han}{way}{house}号{building}幢{numeral}室"
        if style < 0.30:
            return f"{city}市{han}{way}{house}-{building}-{room}"
        if style < 0.5:
            return f"{city}市{han}{way}{house}号{building}号楼{room}"
        return f"{city}市{han}{way}{house}号{building}栋{room}室"

    def person(self) -> Applicant:
        """Somebody new, with a place under the key `place` that is not part of the application."""
        area, birth, place = self.area(), self.birth(), self.place()
        made: Applicant = {
            "legal_name": self.name(), "id_kind": "cn_resident", "id_number": self.number(area, birth),
            "birth_date": dashed(birth), "phone": self.phone(), "bank_account": self.bank(),
            "device_id": self.device(), "ip": self.network(), "region": place[0], "address": self.spelt(place),
            "place": place,
        }  # fmt: skip
        if self.draws.random() < 0.5:
            made["email"] = f"{self.draws.getrandbits(36):09x}@mail.example"
        return made


def checked(body: str) -> str:
    """Seventeen digits with their check character (ISO 7064 MOD 11-2)."""
    return body + CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def dashed(birth: str) -> str:
    """YYYY-MM-DD."""
    return f"{birth[:4]}-{birth[4:6]}-{birth[6:8]}"
