"""What each person is told, in Chinese and in English; the marketplace sends it in the person's own language."""

from __future__ import annotations

from typing import Final

MESSAGES: Final = {
    "coupon_void": (
        "您的一张优惠券因活动异常被批量领取，已作废。如您认为有误，可以申诉。",
        "A coupon of yours is void: it was taken in bulk from a faulty campaign. If you think this is wrong, appeal.",
    ),
    "coupon_replaced": (
        "该活动设置有误，您未使用的优惠券已更换为一张新优惠券。感谢您的理解。",
        "The campaign was faulty, and your unused coupon was replaced by another one. Thank you for your patience.",
    ),
    "shipment_held": (
        "您的一笔订单因活动异常正在核查，暂缓发货。如您认为有误，可以申诉。",
        "An order of yours is held while a faulty campaign is looked into. If you think that is a mistake, appeal.",
    ),
    "value_claimed_back": (
        "您通过异常活动批量获得的优惠需要退还。如您认为有误，可以申诉。",
        "What you took in bulk from a faulty campaign is claimed back. If you think that is a mistake, appeal.",
    ),
    "cooperation_asked": (
        "该活动设置有误，您多次使用了其优惠。我们诚恳地请您协助退还超出部分。",
        "The campaign was faulty, and you used it many times. We kindly ask you to return what is beyond fair use.",
    ),
    "account_in_others_hands": (
        "您的账号可能被他人使用，领取了异常活动的优惠券。请修改密码；您不承担责任。",
        "Your account seems to have been used by others to take coupons. Change your password; you are not to blame.",
    ),
}  # fmt: skip
"""Message → (Chinese, English)."""
