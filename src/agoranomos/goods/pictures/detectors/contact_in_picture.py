"""Contact details in pictures: QR codes that lead away, and what the words in a picture say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from agoranomos.engine.pictures.barcodes import Barcode
from agoranomos.goods.listings.evidence import example
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.pictures.facts import Example, PictureDetector, PictureFacts, ordinal
from agoranomos.goods.pictures.model import Seen

CODE = "goods.contact_in_picture"
_AWAY: Final = re.compile(
    r"weixin|wechat|wxp://|qq\.com|qm\.qq|alipay|whatsapp|wa\.me|t\.me|telegram|line\.me|viber|zalo|kakao|m\.me|"
    r"messenger|signal\.me|discord|xianyu|vk\.me|instagram|facebook|paypal|venmo|cash\.app|"
    r"^(?:tel|sms|smsto|mailto|begin:vcard|mecard):?",
    re.IGNORECASE,
)
"""Chats, wallets, and codes that hold a number or a card of contact details."""
_ADDRESS: Final = re.compile(
    r"^(?:https?://)?(?:[^/\s@]*@)?([a-z0-9.\-]+\.[a-z]{2,})(?::\d+)?(?:[/?#]|$)", re.IGNORECASE
)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Log-odds. `away`: a code that opens a chat, a wallet or a contact; `elsewhere`: a code with another address,
    which makers print on goods as well; `read`: share of the weight that words in a picture have, which are read with
    mistakes and may stand on the goods themselves."""

    away: float = 6.0
    elsewhere: float = 2.0
    read: float = 0.8


def inspect(facts: PictureFacts, settings: Settings) -> Iterable[Signal]:
    """One signal for the weightiest of all codes and words in the pictures."""
    found: list[tuple[float, int, str, str, dict[str, object]]] = []
    for number, seen in enumerate(facts.seen, start=1):
        for code in seen.codes:
            weight, what, what_zh = _code(code, settings)
            if weight > 0:
                found.append((weight, number, what, what_zh, {"code": code.kind}))
    for number, signal in facts.spoken:
        if signal.concern is Concern.DIVERSION and signal.weight > 0:
            said = f"holds words: {signal.message}"
            weight = round(settings.read * signal.weight, 4)
            found.append((weight, number, said, f"中的文字：{signal.message_zh}", dict(signal.values)))
    if not found:
        return
    weight, number, what, what_zh, values = max(found, key=lambda one: (one[0], -one[1]))
    where, where_zh = ordinal(number, len(facts.seen))
    yield Signal(
        code=CODE,
        concern=Concern.DIVERSION,
        weight=weight,
        message=f"{where} {what}",
        message_zh=f"{where_zh}{what_zh}",
        values={**values, "number": number, "path": facts.seen[number - 1].path, "signs": len(found)},
    )


def _code(code: Barcode, settings: Settings) -> tuple[float, str, str]:
    """What a code weighs, and what is said of it: only where it leads, never the number or name in it."""
    if _AWAY.search(code.text):
        return (
            settings.away,
            f"holds a code that leads off the marketplace{_host(code.text)}.",
            "中的二维码会把买家引到平台之外。",
        )
    if _ADDRESS.match(code.text):
        return settings.elsewhere, f"holds a code with an address{_host(code.text)}.", "中的二维码含有网址。"
    return 0.0, "", ""


def _host(text: str) -> str:
    found = _ADDRESS.match(text)
    return f" ({found[1].lower()})" if found else ""


def _coded(text: str, kind: str = "QR Code") -> tuple[Seen, ...]:
    return (Seen(path="a.jpg", content="1" * 64, marks=90, codes=(Barcode(kind, text),)),)


DETECTOR = PictureDetector(
    code=CODE,
    name="contact details in a picture",
    version="1",
    about="QR codes and words in pictures that lead buyers off the marketplace.",
    settings=Settings(),
    hits=(
        Example(
            title="a QR code that opens a chat in WeChat",
            listing=example("canvas bag", 99),
            seen=_coded("https://u.wechat.com/kMx3u0example"),
        ),
        Example(
            title="a QR code with the address of a shop elsewhere",
            listing=example("canvas bag", 99),
            seen=_coded("https://shop.example.com/item/7"),
        ),
        Example(
            title="words in the picture: 加微信 abc12345",
            listing=example("canvas bag", 99),
            seen=(Seen(path="a.jpg", content="1" * 64, marks=90, text="加微信 abc12345"),),
        ),
    ),
    misses=(
        Example(title="the number of an article", listing=example("canvas bag", 99), seen=_coded("6901234567892")),
        Example(
            title="words on the goods: canvas, made in Italy",
            listing=example("canvas bag", 99),
            seen=(Seen(path="a.jpg", content="1" * 64, marks=90, text="CANVAS\nMade in Italy"),),
        ),
    ),
    inspect=inspect,
)
