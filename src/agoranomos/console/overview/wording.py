"""The names and definitions of numbers, in both languages."""

from __future__ import annotations

from typing import Final

from agoranomos.web.i18n import Catalogue

NAMES: Final = {
    "money_held": ("Money held", "冻结资金"),
    "money_returned": ("Returned to buyers", "已退还买家"),
    "removed_before_sale": ("Removed before any sale", "售出前下架"),
    "checks_stopped": ("Checks that warned or stopped", "警示或拦截的检查"),
    "findings": ("Findings", "发现"),
    "findings_sure": ("Findings that may act alone", "可自动处置的发现"),
    "actions_waiting": ("Actions that wait", "待处理措施"),
    "stores_closed": ("Stores closed", "关闭店铺"),
    "campaigns_stopped": ("Campaigns stopped", "叫停活动"),
    "readers_stopped": ("Readers slowed or stopped", "限制的访问者"),
    "reviews_held": ("Reviews held for anonymity", "为保护匿名而暂缓的评价"),
    "approvals_waiting": ("Waiting for second eyes", "等待复核"),
    "notices_waiting": ("Notices to decide", "待裁定通知"),
}
MEANINGS: Final = {
    "money_held": (
        "Shares of orders whose money is in escrow at this moment: the seller sees it and cannot withdraw it.",
        "此刻处于托管状态的订单金额：商家可见但不能提取。",
    ),
    "money_returned": (
        "Refunds of recalls that began in this time and are paid, by currency.",
        "该时段内开始的召回中已支付的退款，按币种计。",
    ),
    "removed_before_sale": (
        "Of the listings whose removal was asked for in this time, the share that no known order contains from before.",
        "该时段内被要求下架的商品中，此前没有任何已知订单的比例。",
    ),
    "checks_stopped": (
        "Of all checks answered in this time, the share whose outcome was warn, review, hold or decline.",
        "该时段内所有检查中，结果为警示、复核、暂缓或拒绝的比例。",
    ),
    "findings": (
        "Findings of live detectors and rules whose episode is dated in this time; those in shadow do not count.",
        "该时段内由正式启用的检测器和规则得出的发现；试运行的不计入。",
    ),
    "findings_sure": (
        "Of these, findings with a score of 0.9 or more, at which a policy may act by itself.",
        "其中分数不低于 0.9、政策可自动处置的发现。",
    ),
    "actions_waiting": (
        "Actions that were proposed and that nobody has agreed to or refused, at this moment.",
        "此刻已提出、尚无人同意或拒绝的措施。",
    ),
    "stores_closed": (
        "Actions of the kind store.close of this time that were asked of the marketplace and not taken back.",
        "该时段内已交由平台执行且未撤回的关店措施。",
    ),
    "campaigns_stopped": (
        "Actions of the kind campaign.stop of this time that were asked of the marketplace and not taken back.",
        "该时段内已交由平台执行且未撤回的叫停活动措施。",
    ),
    "readers_stopped": (
        "Readers of user data that were throttled or suspended in this time, by the actions asked for.",
        "该时段内被限速或暂停的数据访问者，按措施计。",
    ),
    "reviews_held": (
        "Reviews that were held in this time because their author could have been guessed.",
        "该时段内因可能被猜出作者而暂缓发布的评价。",
    ),
    "approvals_waiting": (
        "Wishes that need a second person and that nobody has decided, at this moment.",
        "此刻需要第二人复核且尚未裁定的申请。",
    ),
    "notices_waiting": (
        "Notices of rights holders that are complete and not decided, at this moment.",
        "此刻材料齐全、尚未裁定的权利人通知。",
    ),
}

TEXTS: Final = Catalogue(
    {
        "overview.title": ("How the market stands", "市场现况"),
        "overview.lead": ("{begin} to {end}, against the {days} days before", "{begin} 至 {end}，与此前 {days} 天相比"),
        "overview.days": ("{days} days", "{days} 天"),
        "overview.trend": ("Findings by day", "每日发现"),
        "overview.codes": ("What is found most", "最多的发现"),
        "overview.latest": ("Latest findings that may act alone", "最新的可自动处置发现"),
        "overview.waits": ("Waiting for second eyes", "等待复核"),
        "overview.nothing": (
            "Nothing has been found in this time. Send events, or look at a longer time.",
            "该时段内暂无发现。请接入事件，或查看更长时段。",
        ),
        "number.now": ("at this moment", "此刻"),
        "number.same": ("as before", "与此前持平"),
        "number.more": ("{by} more than before ({then})", "比此前多 {by}（{then}）"),
        "number.less": ("{by} less than before ({then})", "比此前少 {by}（{then}）"),
        "number.points": ("{by} points", "{by} 个百分点"),
        "number.of": ("of {of}", "共 {of}"),
        "number.rows": ("The rows behind it", "对应明细"),
        "number.counted": ("counted", "计入"),
        "number.not-counted": ("not counted", "未计入"),
        "number.definition": ("What this number is", "指标定义"),
        **{f"number.{name}": names for name, names in NAMES.items()},
        **{f"meaning.{name}": meanings for name, meanings in MEANINGS.items()},
    }
)
