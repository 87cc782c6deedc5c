"""Declarations that cannot be meant are refused, with the place and what to do."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from agoranomos.engine.features.model import Declaration, window_us
from agoranomos.engine.rules.tree import Type
from agoranomos.kernel.errors import Invalid
from tests.engine.features.streams import EVERYTHING, feature

WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "Orders"}, "/name", "small letters"),
    ({"event": "order.place"}, "/event", "order.placed"),
    ({"event": ()}, "/event", "one type"),
    ({"event": ("order.placed", "order.placed")}, "/event", "different"),
    ({"window": "10"}, "/window", "1m to 400d"),
    ({"window": "59s"}, "/window", "1m to 400d"),
    ({"window": "401d"}, "/window", "1m to 400d"),
    ({"by": ("device",)}, "/by/0", "device_id"),
    ({"by": ("buyer_id", "paid")}, "/by/1", "money"),
    ({"by": ("coupon_ids",)}, "/by/0", "list of texts"),
    ({"aggregate": "sum"}, "/field", "needs a field"),
    ({"aggregate": "sum", "field": "ip"}, "/field", "a text"),
    ({"aggregate": "min", "field": "lines"}, "/field", "size("),
    ({"aggregate": "sum", "field": "lines.quantity"}, "/field", "list of integers"),
    ({"aggregate": "sum", "field": "size(ip)"}, "/field", "only a list"),
    ({"aggregate": "count_distinct", "field": "lines.price"}, "/field", "cannot use"),
    ({"aggregate": "sum", "field": "paid"}, "/currency", "which `currency`"),
    ({"aggregate": "sum", "field": "paid", "currency": "RMB"}, "/currency", "ISO 4217"),
    ({"aggregate": "max", "field": "size(lines)", "currency": "CNY"}, "/currency", "goes with money"),
    ({"currency": "CNY"}, "/currency", "goes with a field"),
    ({"aggregate": "ratio"}, "/share", "needs `share`"),
    ({"share": "paid.amount > 5"}, "/share", "nothing else has one"),
    ({"aggregate": "ratio", "field": "ip", "share": "paid.amount > 5"}, "/field", "counts events"),
    ({"where": "paid.amont > 5"}, "/where", "paid.amount"),
    ({"where": "f(device_id) > 5"}, "/where", "column 1"),
    ({"event": ("order.placed", "coupon.claimed"), "by": ("buyer_id",)}, "/by/0", "coupon.claimed has no field"),
    ({"event": ("seller.applied", "store.opened"), "by": ("store_id",)}, "/by/0", "seller.applied"),
]


@pytest.mark.parametrize(("changes", "pointer", "said"), WRONG, ids=lambda one: str(one)[:40])
def test_what_cannot_be_meant_is_refused(changes: dict[str, Any], pointer: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        feature(**{"window": "10m", **changes})
    assert refused.value.pointer == pointer
    assert said in refused.value.message


def test_windows_in_all_units() -> None:
    assert [window_us(text) for text in ("90s", "1m", "2h", "400d")] == [90e6, 60e6, 7200e6, 400 * 86400e6]


def test_an_unknown_word_is_no_declaration() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(
            {"name": "f", "aggregate": "count", "event": "order.placed", "window": "1h", "key": "x"}, Declaration
        )


def test_rules_learn_types_of_keys_and_value() -> None:
    infos = {one.name: one.info for one in EVERYTHING}
    assert infos["two_keys"].keys == (Type.TEXT, Type.TEXT)
    assert infos["orders_10m"].gives is Type.INTEGER
    assert infos["paid_sum"].gives is Type.INTEGER
    assert infos["paid_avg"].gives is Type.NUMBER
    assert infos["talk_max"].gives is Type.NUMBER
    assert infos["ip_last"].gives is Type.TEXT
    assert infos["exported"].gives is Type.BOOLEAN
    assert infos["first_seen"].gives is Type.MOMENT
