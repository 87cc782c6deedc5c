"""Personal data as people write it, drawn; and what looks like it and is not."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红玲"
STREETS: Final = ("中山", "人民", "建国", "漕溪北", "解放", "南京西", "科技", "长安")
PLACES: Final = (
    "上海市徐汇区", "北京市朝阳区", "广东省深圳市南山区", "福建省莆田市荔城区", "浙江省杭州市余杭区", "莆田",
)  # fmt: skip
CHINESE: Final = str.maketrans("0123456789", "零一二三四五六七八九")
WIDE: Final = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def phone(draw: random.Random) -> str:
    """A mobile number."""
    return f"1{draw.choice('3456789')}{draw.randrange(10**9):09}"


def identity_number(draw: random.Random) -> str:
    """With its check digit."""
    born = date(1950, 1, 1) + timedelta(days=draw.randrange(20_000))
    body = f"{draw.choice(('110105', '350302', '440305', '310104'))}{born:%Y%m%d}{draw.randrange(1000):03}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


def bank_card(draw: random.Random) -> str:
    """Of 16 or 19 digits, with its check digit."""
    body = draw.choice(("622202", "621700", "6228", "4367", "5187"))
    body += "".join(draw.choices("0123456789", k=(18 if body[0] == "6" else 15) - len(body)))
    total = sum((d := int(each) * (2 - place % 2)) - (9 if d > 9 else 0) for place, each in enumerate(reversed(body)))
    return body + str(-total % 10)


def address(draw: random.Random) -> str:
    """A flat or a shop."""
    street = f"{draw.choice(STREETS)}路{draw.randrange(1, 900)}号"
    rest = (f"{draw.randrange(1, 30)}栋{draw.randrange(101, 2800)}室", f"{draw.randrange(1, 9)}单元", "")
    return draw.choice(PLACES) + street + draw.choice(rest)


def name(draw: random.Random) -> str:
    """Two or three characters."""
    return draw.choice(SURNAMES) + "".join(draw.choices(GIVEN, k=draw.randint(1, 2)))


def email(draw: random.Random) -> str:
    """An address at one of three hosts."""
    return f"{draw.choice('abcxyz')}{draw.randrange(10**6)}@{draw.choice(('qq.com', '163.com', 'mail.example.cn'))}"


def grouped(draw: random.Random, digits: str, sizes: tuple[int, ...]) -> str:
    """In groups, with a sign between them."""
    between, at, parts = draw.choice((" ", "-", " - ", "．", ".")), 0, []
    for size in sizes:
        parts.append(digits[at : at + size])
        at += size
    return between.join([*parts, *([digits[at:]] if digits[at:] else [])])


def spelt(draw: random.Random, digits: str, sizes: tuple[int, ...]) -> str:
    """A number in one of the spellings that people use, or use to get round a filter."""
    ways: tuple[Callable[[], str], ...] = (
        lambda: digits,
        lambda: digits,
        lambda: grouped(draw, digits, sizes),
        lambda: digits.translate(WIDE),
        lambda: digits.translate(CHINESE),
        lambda: grouped(draw, digits, sizes).translate(CHINESE),
        lambda: "".join(each.translate(CHINESE) if draw.random() < 0.5 else each for each in digits),
    )
    return draw.choice(ways)()


def sentence(draw: random.Random) -> tuple[str, str, str]:
    """(text, what must not stand in it afterwards, kind)."""
    kind = draw.choice(tuple(FRAMES))
    secret = MAKERS[kind](draw)
    return draw.choice(FRAMES[kind]).format(secret), secret, kind


MAKERS: Final[dict[str, Callable[[random.Random], str]]] = {
    "phone": lambda draw: draw.choice(("", "", "+86 ", "86-")) + spelt(draw, phone(draw), (3, 4)),
    "id_number": lambda draw: spelt(draw, identity_number(draw), (6, 8)),
    "bank_account": lambda draw: spelt(draw, bank_card(draw), (4, 4, 4, 4)),
    "email": email,
    "name": name,
    "address": address,
}
FRAMES: Final = {
    "phone": ("打{}找我退款", "电话{}，假货", "我的号码{}", "call me {} please", "收到假货！{} 联系"),
    "id_number": ("身份证{}", "我的证件号是 {} ，请核实", "ID {} attached"),
    "bank_account": ("退到卡{}", "卡号：{}，谢谢", "my card {} was charged"),
    "email": ("发到{}吧", "mail {} now", "邮箱：{}"),
    "name": ("联系人：{}，电话见下", "我叫{}，买了两件", "收货人{}，到了没有", "{}先生您好", "请找{}女士"),
    "address": ("地址：{}，谢谢", "我住在{}", "寄到{}。", "东西发到 {} 了"),
}
"""Sentences that say it, by kind."""


def harmless(draw: random.Random) -> str:
    """What a marketplace's texts are full of."""
    number = draw.randrange
    return draw.choice(
        (
            lambda: f"订单号 {number(10**17, 10**18)}，什么时候发货",
            lambda: f"第{number(10**11, 10**12)}号包裹还没到",
            lambda: f"原价{number(100, 9999)}元，现价{number(50, 999)}.{number(10, 99)}，买了{number(1, 9)}件",
            lambda: f"2026-{number(1, 13):02}-{number(1, 28):02} {number(10, 23)}:{number(10, 59)} 下单，三天后到货",
            lambda: f"尺码{number(35, 46)}，颜色白色，型号 AJ1-{number(100000, 999999)}",
            lambda: f"二〇二六年五月{draw.choice('一二三')}日买的，用了{number(2, 90)}天",
            lambda: f"销量{number(10**5, 10**7)}，好评率 99.{number(10, 99)}%",
            lambda: f"SKU {number(10**12, 10**13)} 库存 {number(1, 500)}",
            lambda: f"这家店在路边，{number(2, 9)}号到货，{number(1, 30)}层包装",
            lambda: (
                f"IP 10.{number(256)}.{number(256)}.{number(256)} at 2026-05-01T08:{number(10, 59)}:00.{number(10**6)}Z"
            ),
            lambda: f"运单 SF{number(10**12, 10**13)} 已签收",
            lambda: "老师推荐的，女士款，先生穿也行，经理说是正品",
            lambda: f"iPhone {number(11, 17)} Pro Max {draw.choice((128, 256, 512))}GB 第{number(2, 5)}代",
        )
    )()
