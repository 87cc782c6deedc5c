"""What the kinds of actions, and of what takes two people, are called in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agoranomos.web.i18n import LANGUAGES, Language

DEEDS: Final[Mapping[str, tuple[str, str]]] = {
    "listing.remove": ("take the listing down", "下架商品"),
    "listing.restore": ("put the listing back", "恢复商品"),
    "seller.warn": ("warn the seller", "警告商家"),
    "seller.withdraw_warning": ("withdraw the warning", "撤回警告"),
    "seller.deduct_points": ("deduct points", "扣分"),
    "seller.restore_points": ("give points back", "返还扣分"),
    "store.suspend": ("suspend the store", "暂停店铺"),
    "store.resume": ("let the store go on", "恢复营业"),
    "store.close": ("close the store", "关闭店铺"),
    "store.reopen": ("open the store again", "重新开店"),
    "payment.freeze": ("freeze the money", "冻结资金"),
    "payment.release": ("release the money", "解冻资金"),
    "payment.expire": ("the freeze ends by itself", "冻结到期"),
    "coupon.void": ("void the coupon", "作废优惠券"),
    "coupon.reinstate": ("make the coupon good again", "恢复优惠券"),
    "coupon.replace": ("replace the coupon by a smaller one", "以小额券替换"),
    "coupon.restore": ("bring the first coupon back", "恢复原优惠券"),
    "value.claw_back": ("claim the value back", "追回价值"),
    "value.give_back": ("give the value back", "退还价值"),
    "account.ask": ("ask the account for co-operation", "请账户配合"),
    "account.stop_asking": ("stop asking the account", "停止请求配合"),
    "account.warn_owner": ("warn the account's owner", "提醒账户所有人"),
    "account.refer": ("refer the account", "移送账户"),
    "campaign.stop": ("stop the campaign", "叫停活动"),
    "campaign.slow": ("slow the campaign down", "限速活动"),
    "campaign.alert": ("alert the campaign's manager", "提醒活动负责人"),
    "campaign.resume": ("let the campaign go on", "恢复活动"),
    "principal.throttle": ("slow the reader down", "限制访问者"),
    "principal.unthrottle": ("no longer slow the reader down", "解除访问限制"),
    "principal.suspend": ("suspend the reader", "暂停访问者"),
    "principal.resume": ("let the reader go on", "恢复访问者"),
    "review.hold": ("hold the review back", "暂缓公开评价"),
    "review.release": ("publish the review", "公开评价"),
    "contact.block": ("block contact", "阻断联系"),
    "contact.unblock": ("allow contact again", "恢复联系"),
    "number.expire": ("end the virtual number", "终止虚拟号码"),
    "notice.acknowledge": ("acknowledge the notice", "确认收到通知"),
    "notice.forward": ("send the notice on to the seller", "转送通知"),
    "notice.tell": ("tell both sides of the notice", "告知通知双方"),
    "notice.decide": ("decide the notice", "裁定通知"),
    "case.tell": ("tell what was decided", "告知裁定"),
    "case.bulk": ("decide cases in bulk", "批量裁定案件"),
    "buyer.inform": ("inform the buyer", "告知买家"),
    "buyer.correct": ("correct what the buyer was told", "更正对买家的告知"),
    "order.refund": ("refund the order", "退款"),
    "shipment.stop": ("stop the parcel", "拦截发货"),
    "shipment.resume": ("let the parcel go on", "恢复发货"),
    "restriction.impose": ("impose a restriction", "施加限制"),
    "restriction.lift": ("lift a restriction", "解除限制"),
    "brake.release": ("let go what the brake holds", "放行熔断拦下的措施"),
    "retention.lift": ("lift a hold on data", "解除数据保全"),
}
"""English and Chinese. Whoever runs the system may add kinds of their own, which are called by their codes."""


def deed(kind: str, language: Language) -> str:
    """What `kind` is called; "" for one that has no words."""
    words = DEEDS.get(kind)
    return "" if words is None else words[LANGUAGES.index(language)]
