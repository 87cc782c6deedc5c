"""Why somebody is in a ring, or not, in plain words: English and Chinese."""

from __future__ import annotations

from typing import Final

from agoranomos.promotions.tracing.model import Quote, Tier

_TIES: Final = {
    "device": ("{n} accounts of the group act from one device", "团伙中 {n} 个账号使用同一台设备"),
    "network": ("{n} accounts of the group come from one network address", "团伙中 {n} 个账号来自同一网络地址"),
    "address": ("{n} accounts of the group send parcels to one recipient", "团伙中 {n} 个账号寄往同一收件人"),
    "payee": ("the value of {n} accounts of the group goes to one payee", "团伙中 {n} 个账号的优惠价值流向同一收款方"),
    "payer": ("one payer pays for {n} accounts of the group", "团伙中 {n} 个账号由同一付款方支付"),
    "conduct": (
        "{n} accounts of the group take the same things within hours of each other, again and again",
        "团伙中 {n} 个账号反复在数小时内领取相同优惠",
    ),
    "registration": ("{n} accounts of the group were registered as one farm", "团伙中 {n} 个账号为同批批量注册"),
    "dense": (
        "the {n} accounts share more with each other than any of twenty draws by chance do",
        "这 {n} 个账号之间的共享程度超过全部二十次随机抽样",
    ),
    "large": ("{n} accounts hang together, more than a household has", "共 {n} 个账号相互关联，超过一个家庭的规模"),
    "heavy": ("{n} coupons of one campaign", "同一活动领取 {n} 张优惠券"),
    "own_history": ("the account is older than a month", "账号注册已超过一个月"),
    "bought_before": ("bought without coupons before: {n} times", "此前有 {n} 次未用券购买"),
    "modest": ("took {n} in all", "总共领取 {n} 张"),
    "own_payee": ("the value went to payees whom nobody else uses", "优惠价值仅流向本人使用的收款方"),
    "own_address": ("parcels went to recipients whom nobody else uses", "包裹仅寄往本人使用的收件人"),
}
TIERS: Final = {
    Tier.RING: ("ring member", "团伙成员"),
    Tier.VICTIM: ("account in others' hands", "疑似被盗账号"),
    Tier.HEAVY: ("heavy individual", "个人大量领取"),
    Tier.GOOD_FAITH: ("good faith", "善意使用"),
}


def words(quote: Quote) -> tuple[str, str]:
    """A tie or a sign in English and in Chinese."""
    english, chinese = _TIES[quote.kind]
    return english.format(n=quote.accounts), chinese.format(n=quote.accounts)
