"""Conditions and events made at random, with every function and every awkward value; the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from agoranomos.engine.rules.tree import Type, Value
from agoranomos.engine.rules.types import FeatureInfo, Scope, scope_of

SCOPE: Scope = scope_of("order.placed").extended(
    fields={
        "count": Type.INTEGER, "other": Type.INTEGER, "ratio": Type.NUMBER, "weight": Type.NUMBER, "note": Type.TEXT,
        "flag": Type.BOOLEAN, "gift": Type.BOOLEAN, "promised_at": Type.MOMENT, "box.tags": Type.TEXTS,
    },
    features={
        "orders_10m": FeatureInfo((Type.TEXT,), Type.INTEGER),
        "share_1d": FeatureInfo((Type.TEXT, Type.INTEGER), Type.NUMBER),
        "last_note": FeatureInfo((Type.TEXT,), Type.TEXT),
    },
    lists=["known_farms"],
)  # fmt: skip
"""`order.placed` with a field of each type besides."""

INTEGERS = [0, 1, -1, 2, 3, 7, 100, 2**31, 2**53 + 1, -(2**53) - 1, 2**62, 2**63 - 1, -(2**63), -(2**63) + 1]
NUMBERS = [
    0.0,
    -0.0,
    0.5,
    1.0,
    -1.5,
    0.1,
    1e-300,
    5e-324,
    1e18,
    1.7976931348623157e308,
    -1.7976931348623157e308,
    2.0**53,
]
TEXTS = [
    "",
    "a",
    "A",
    "ab",
    "%",
    "a_b",
    "北京",
    "北京朝阳",
    "ß",
    "İ",
    "ΑΣ",
    "ᾳ",
    "é",
    "e\u0301",
    "👩‍👩‍👧",
    "it's",
    " a",
    "﻿x",
    "\U0010ffff",
    "\uffff",
]
MOMENTS = [
    "2026-05-01T00:00:00Z",
    "2026-04-30T23:59:59.999999+08:00",
    "1989-07-01T00:30:00+08:00",
    "1970-01-01T00:00:00Z",
    "1901-01-01T00:00:00+00:00",
    "2100-12-31T23:00:00-05:00",
    "2026-05-01t08:00:00.1234567z",
    "2026-05-01T08:00:00+0800",
    "2026-05-01T08:00:00",
]
_PATTERNS = ["%", "", "a%", "%b", "%京%", "_", "a_b", "%a%b%", "__", "北_", "%_%", "_%a", "%朝_%"]


_OVER_MONEY = [
    "(paid < face_value)",
    "(paid = money(100, 'CNY'))",
    "(paid + face_value > money(5, 'USD'))",
    "(paid / face_value < 0.5)",
    "(face_value IS NULL)",
    "(paid * count >= face_value)",
]
_PLAIN_INTEGERS = [
    "count",
    "other",
    "paid.amount",
    "size(lines)",
    "sum(lines.quantity)",
    "orders_10m(device_id)",
    "min(lines.price.amount)",
    "sum(lines.price.amount * lines.quantity)",
    "max(lines.quantity)",
    "size(coupon_ids)",
]
_OF_SEVERAL = ["coalesce", "least", "greatest", "nullif"]


class Happening(NamedTuple):
    """An event, for rules."""

    time: datetime
    subject: str | None
    data: dict[str, Any]


class Facts:
    """Features and lists that depend on their keys alone."""

    def feature(self, name: str, keys: tuple[Value, ...]) -> Value:
        draw = random.Random(f"{name}{keys!r}")
        if draw.random() < 0.2:
            return None
        if name == "last_note":
            return draw.choice(TEXTS)
        return draw.choice(INTEGERS) if name == "orders_10m" else draw.choice(NUMBERS)

    def listed(self, name: str, item: str) -> bool:
        return random.Random(f"{name}{item!r}").random() < 0.5

    def score(self, code: str) -> float | None:
        raise AssertionError(code)


class Maker:
    """Draws conditions and events."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)

    def event(self) -> Happening:
        """An event of which any field may be missing, or of another type than declared."""
        draw = self._draw
        choices: dict[str, list[Any]] = {
            **dict.fromkeys(("count", "other"), INTEGERS),
            **dict.fromkeys(("note", "district", "device_id", "ip"), TEXTS),
            "flag": [True, False],
            "gift": [True, False],
            "ratio": [*NUMBERS, 3],
            "weight": NUMBERS,
            "promised_at": MOMENTS,
            "coupon_ids": [[], ["a"], ["a", "北京"], ["b", "b"]],
            "paid": [_money(draw), _money(draw)],
            "face_value": [_money(draw)],
            "box": [{"tags": ["a", ""]}, {"tags": []}, {}, 3],
            "lines": [[_line(draw) for _ in range(draw.randrange(4))]],
        }
        data: dict[str, Any] = {}
        for name, values in choices.items():
            if draw.random() < 0.8:
                data[name] = draw.choice(values)
            elif draw.random() < 0.3:
                data[name] = draw.choice([None, "x", 1.5, True, [1], {"amount": "3"}, 2**70])
        moment = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(microseconds=draw.randrange(10**13))
        return Happening(moment, draw.choice([None, "a", "北京"]), data)

    def condition(self, depth: int = 3) -> str:
        """A condition that looks at something."""
        return self._truth(depth)

    def _truth(self, depth: int) -> str:  # noqa: PLR0912 - a branch for each kind of condition
        draw = self._draw
        if depth <= 0:
            return draw.choice(
                [
                    "flag",
                    "gift",
                    "listed('known_farms', note)",
                    f"({self._integer(0)} > 2)",
                    "(ratio IS NULL)",
                    "TRUE",
                    "NULL",
                    "FALSE",
                ]
            )
        less = depth - 1
        made = draw.randrange(16)
        if made < 3:
            word = draw.choice([" AND ", " OR "])
            return f"({word.join(self._truth(less) for _ in range(draw.randrange(2, 4)))})"
        if made == 3:
            return f"(NOT {self._truth(less)})"
        if made == 4:
            return f"({self._truth(less)} IS {draw.choice(['', 'NOT '])}{draw.choice(['TRUE', 'FALSE', 'NULL'])})"
        if made == 5:
            return f"({self._any(less)} IS {draw.choice(['', 'NOT '])}NULL)"
        if made == 6:
            low, high, value = (self._integer(less) for _ in range(3))
            return f"({value} {draw.choice(['', 'NOT '])}BETWEEN {low} AND {high})"
        if made == 7:
            return self._in(less)
        if made == 8:
            return f"({self._text(less)} {draw.choice(['', 'NOT '])}LIKE {_quoted(draw.choice(_PATTERNS))})"
        if made == 9:
            name = draw.choice(["starts_with", "ends_with", "contains"])
            return f"{name}({self._text(less)}, {self._text(less)})"
        if made == 10:
            return f"contains({draw.choice(['coupon_ids', 'box.tags'])}, {self._text(less)})"
        if made == 11:
            return f"coalesce({self._truth(less)}, {self._truth(less)})"
        if made == 12:
            return f"({self._case(self._truth, less)})"
        if made == 13:
            return draw.choice(_OVER_MONEY)
        kind = draw.choice([self._integer, self._number, self._text, self._moment, self._mixed])
        return f"({kind(less)} {draw.choice(['=', '<>', '!=', '<', '<=', '>', '>='])} {kind(less)})"

    def _in(self, depth: int) -> str:
        draw = self._draw
        null = draw.choice(["", "", ", NULL"])
        negated = draw.choice(["", "NOT "])
        if draw.random() < 0.5:
            options = ", ".join(_quoted(draw.choice(TEXTS)) for _ in range(3))
            return f"({self._text(depth)} {negated}IN ({options}{null}))"
        options = ", ".join(repr(draw.choice([*INTEGERS, 0.5])) for _ in range(3))
        return f"({self._integer(depth)} {negated}IN ({options}{null}))"

    def _case(self, of: Any, depth: int) -> str:
        draw = self._draw
        otherwise = f" ELSE {of(depth - 1)}" if draw.random() < 0.7 else ""
        if draw.random() < 0.3:
            first, second = of(depth - 1), of(depth - 1)
            return f"CASE {self._text(0)} WHEN 'a' THEN {first} WHEN {self._text(0)} THEN {second}{otherwise} END"
        return f"CASE WHEN {self._truth(depth - 1)} THEN {of(depth - 1)}{otherwise} END"

    def _any(self, depth: int) -> str:
        return self._draw.choice([self._integer, self._number, self._text, self._moment])(depth)

    def _mixed(self, depth: int) -> str:
        return self._draw.choice([self._integer, self._number])(depth)

    def _integer(self, depth: int) -> str:
        draw = self._draw
        if depth <= 0 or draw.random() < 0.3:
            return draw.choice([*_PLAIN_INTEGERS, repr(draw.choice(INTEGERS))])
        less = depth - 1
        made = draw.randrange(9)
        if made < 4:
            return f"({self._integer(less)} {draw.choice('+-*%')} {self._integer(less)})"
        return [
            lambda: f"length({self._text(less)})",
            lambda: f"abs({self._integer(less)})",
            lambda: f"{draw.choice(['hour', 'day_of_week'])}({self._moment(less)})",
            lambda: f"{draw.choice(_OF_SEVERAL)}({self._integer(less)}, {self._integer(less)})",
            lambda: f"({self._case(self._integer, less)})",
        ][made - 4]()

    def _number(self, depth: int) -> str:
        draw = self._draw
        if depth <= 0 or draw.random() < 0.3:
            literal = repr(draw.choice([each for each in NUMBERS if abs(each) < 1e300]))
            return draw.choice(["ratio", "weight", f"share_1d({self._text(0)}, count)", literal])
        less = depth - 1
        made = draw.randrange(8)
        if made < 4:
            return f"({self._number(less)} {draw.choice('+-*/')} {self._mixed(less)})"
        return [
            lambda: f"({self._integer(less)} / {self._integer(less)})",
            lambda: f"(- abs({self._number(less)}))",
            lambda: f"({self._moment(less)} - {self._moment(less)})",
            lambda: f"{draw.choice(_OF_SEVERAL)}({self._number(less)}, {self._mixed(less)})",
        ][made - 4]()

    def _text(self, depth: int) -> str:
        draw = self._draw
        if depth <= 0 or draw.random() < 0.4:
            return draw.choice(
                ["note", "district", "device_id", "paid.currency", "subject", _quoted(draw.choice(TEXTS))]
            )
        less = depth - 1
        ways: list[Callable[[], str]] = [
            lambda: f"lower({self._text(less)})",
            lambda: f"upper({self._text(less)})",
            lambda: f"coalesce({self._text(less)}, {self._text(less)})",
            lambda: f"greatest({self._text(less)}, {self._text(less)})",
            lambda: f"last_note({self._text(less)})",
            lambda: f"({self._case(self._text, less)})",
        ]
        return draw.choice(ways)()

    def _moment(self, depth: int) -> str:
        draw = self._draw
        if depth > 0 and draw.random() < 0.3:
            return f"coalesce({self._moment(depth - 1)}, time)"
        return draw.choice(["time", "promised_at"])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _money(draw: random.Random) -> dict[str, Any]:
    return {"amount": draw.choice([0, 1, 100, 10**15, -5]), "currency": draw.choice(["CNY", "CNY", "USD"])}


def _line(draw: random.Random) -> dict[str, Any]:
    line: dict[str, Any] = {"listing_id": "l", "quantity": draw.choice([1, 2, 3, 2**40, 2**63]), "price": _money(draw)}
    if draw.random() < 0.2:
        del line[draw.choice(list(line))]
    return line
