"""Three listings to try the page with: a disguised name, an honest offer, a diversion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agoranomos.web.i18n import Language

_SHOE: Final = {"price": "199.00", "currency": "CNY", "store_id": "store-1024"}
SAMPLES: Final[Mapping[str, Mapping[Language, Mapping[str, str]]]] = {
    "disguised": {
        "en": {
            **_SHOE,
            # The second letter is Cyrillic, the "ike" full-width: what gets past a search for the
            # plain name.
            "title": "N\u0456\uff4b\uff45 Air running shoes, 1:1 quality, new in box",
            "category": "shoes",
            "description": "Same factory, same leather, half the price.\nAll sizes 38 to 45.",
        },
        "zh": {
            **_SHOE,
            "title": "耐\u200b克 N\u0456\uff4b\uff45 跑鞋 全新 原单 1:1",
            "category": "鞋",
            "description": "同厂同料，半价。\n38-45 码齐全。",
        },
    },
    "honest": {
        "en": {
            "title": "Hand-thrown stoneware mug, 350 ml",
            "price": "68.00",
            "currency": "CNY",
            "category": "home",
            "description": "Made in our own workshop in Jingdezhen. Dishwasher safe.",
            "store_id": "store-2048",
        },
        "zh": {
            "title": "手工拉坯陶瓷马克杯 350 毫升",
            "price": "68.00",
            "currency": "CNY",
            "category": "家居",
            "description": "景德镇自家作坊手工制作，可入洗碗机和微波炉。",
            "store_id": "store-2048",
        },
    },
    "contact": {
        "en": {
            "title": "Linen shirt, relaxed fit",
            "price": "159.00",
            "currency": "CNY",
            "category": "clothing",
            "description": "Better price outside: add V\u2764X linen8866 or WeChat linen8866.",
            "store_id": "store-4096",
        },
        "zh": {
            "title": "亚麻衬衫 宽松版",
            "price": "159.00",
            "currency": "CNY",
            "category": "服装",
            "description": "喜欢的亲加薇\u2764信 linen8866，私下转账更优惠。",
            "store_id": "store-4096",
        },
    },
}
