"""What buyers are told, order by order: the words of a letter in English and Chinese. Pure.

A letter is an action (`buyer.inform`, or `buyer.correct` that takes it back) read together with what becomes of the
order. It says no more than is known: what was confirmed, what is likely, or that it was not confirmed after all.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from agoranomos.goods.redress.model import Line
from agoranomos.kernel.actions import Action, ActionStatus
from agoranomos.kernel.money import Money

INFORM: Final = "buyer.inform"
CORRECT: Final = "buyer.correct"
Says = Literal["fake", "may_be_fake", "batch_condemned", "not_confirmed"]
"""`fake`: the goods of the order are; `may_be_fake`: other goods of the listing are; `batch_condemned`: they are, or
may be, of a batch that something speaks against; `not_confirmed`: what was said before no longer holds."""
_WORDS: Final[dict[Says, tuple[str, str]]] = {
    "fake": (
        "Goods of your order {order} ({listing}) were found to be counterfeit.",
        "您的订单 {order} 中的商品（{listing}）已被确认为假货。",
    ),
    "may_be_fake": (
        "Some goods like those of your order {order} ({listing}) were found to be counterfeit. Yours may be genuine.",
        "您在订单 {order} 中购买的同款商品（{listing}）有被确认为假货的情况，您收到的也可能是正品。",
    ),
    "batch_condemned": (
        "Goods of your order {order} ({listing}) {are} of a batch that may not be sold.",
        "您的订单 {order} 中的商品（{listing}）{are}属于一个不得销售的批次。",
    ),
    "not_confirmed": (
        "What we wrote to you about your order {order} ({listing}) was not confirmed. What was refunded stays yours.",
        "我们曾就您的订单 {order}（{listing}）通知过您，当时的情况未能得到证实。已退还的款项仍归您所有。",
    ),
}
_REFUND: Final = ("You get {amount} back and need not send anything back.", "我们将退还 {amount}，商品无需寄回。")
_NOTHING_LEFT: Final = (
    "What you paid was paid back before; you need not send anything back.", "款项此前已全部退还，商品无需寄回。",
)  # fmt: skip
_COUPONS: Final = ("Your coupons are given back.", "所用优惠券将退回您的账户。")
_STOPPED: Final = ("The parcel is called back.", "包裹已被召回。")
_RETURN: Final = ("You may send them back and get your money back.", "您可以退货并获得退款。")


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer is told about an order. `action_id` asks for it, `at` is when, `status` how far it has come.

    `chance`: how likely the goods are of the batch, or fake, where that is known. `words`: by language, `en` and `zh`.
    `because`: the findings or cases that it rests on. `buyer_id` is None where it is not known any more.
    """

    action_id: str
    at: str
    status: ActionStatus
    order_id: str
    buyer_id: str | None
    listing_id: str
    says: Says
    chance: float | None
    refund: Money | None
    stopped: bool
    because: tuple[str, ...]
    words: dict[str, str]


def letter_of(action: Action, line: Line | None, buyer_id: str | None = None) -> Letter:
    """The letter that `action` asks for; `line` is what becomes of the order in its recall, if there is one.

    `buyer_id`: who bought, where the action does not say.
    """
    params = action.params
    says = _says(action)
    chance = params.get("probability", params.get("share"))
    mine = line if line is not None and says == "fake" else None
    listing_id = str(params.get("listing_id", ""))
    return Letter(
        action_id=action.id, at=action.at, status=action.status, order_id=action.subject.id,
        buyer_id=params.get("buyer_id", line.buyer_id if line is not None else buyer_id), listing_id=listing_id,
        says=says, chance=chance, refund=mine.refund if mine is not None and mine.refund.amount > 0 else None,
        stopped=mine is not None and mine.stop, because=action.because,
        words=_words(says, action.subject.id, listing_id, chance, mine),
    )  # fmt: skip


def _says(action: Action) -> Says:
    if action.kind == CORRECT:
        return "not_confirmed"
    if "batch_id" in action.params:
        return "batch_condemned"
    return "fake" if action.params.get("offer", "refund") == "refund" else "may_be_fake"


def _words(says: Says, order_id: str, listing_id: str, chance: float | None, line: Line | None) -> dict[str, str]:
    sure = chance is not None and chance >= 1.0
    are = ("are", "") if sure else ("may be", "可能")
    sentences = [_WORDS[says]]
    if says == "fake":
        paid = line is not None and line.refund.amount > 0
        sentences.append(_REFUND if paid else _NOTHING_LEFT)
        if line is not None:
            sentences += [_STOPPED] if line.stop else []
            sentences += [_COUPONS] if line.coupon_ids else []
    elif says in ("may_be_fake", "batch_condemned"):
        sentences.append(_RETURN)
    amount = line.refund if line is not None else ""
    said = {}
    for place, (lang, between) in enumerate((("en", " "), ("zh", ""))):
        parts = (
            each[place].format(order=order_id, listing=listing_id or "–", are=are[place], amount=amount)
            for each in sentences
        )
        said[lang] = between.join(parts)
    return said
