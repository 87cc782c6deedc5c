"""The texts of the frame around every page of the console, and of what several pages share."""

from __future__ import annotations

from typing import Final

from agoranomos.web.i18n import BASE, Catalogue

KINDS: Final = {
    "listing": ("Listing", "商品"),
    "store": ("Store", "店铺"),
    "seller": ("Seller", "商家"),
    "application": ("Application", "入驻申请"),
    "brand": ("Brand", "品牌"),
    "account": ("Account", "账户"),
    "campaign": ("Campaign", "活动"),
    "coupon": ("Coupon", "优惠券"),
    "order": ("Order", "订单"),
    "review": ("Review", "评价"),
    "principal": ("Reader", "访问者"),
    "staff": ("Staff", "员工"),
    "device": ("Device", "设备"),
    "batch": ("Batch", "批次"),
    "picture": ("Picture", "图片"),
}
"""What subjects are called."""
STATUSES: Final = {
    "proposed": ("waits", "待同意"),
    "approved": ("agreed to", "已同意"),
    "pending": ("on its way", "执行中"),
    "done": ("done", "已完成"),
    "failed": ("failed", "失败"),
    "undone": ("undone", "已撤销"),
    "refused": ("refused", "已拒绝"),
}
"""What became of actions."""
OUTCOMES: Final = {
    "decline": ("decline", "拒绝"),
    "hold": ("hold", "暂缓"),
    "review": ("review", "复核"),
    "warn": ("warn", "警示"),
    "approve": ("approve", "通过"),
}
"""What checks answer."""

FRAME: Final = BASE | Catalogue(
    {
        "second.demo": ("Demonstration.", "演示。"),
        "second.is-first": (
            "What takes two people you ask for as the first and agree to as the second.",
            "须两人完成的事项：以第一人申请，以第二人同意。",
        ),
        "second.is-second": (
            "You look on as the second person: what you do now stands in that name.",
            "您正以第二人的身份查看：现在的操作将记在其名下。",
        ),
        "second.go": ("Look on as the second person", "以第二人身份查看"),
        "second.back": ("Back to the first person", "回到第一人"),
        "sure.title": ("Please confirm", "请确认"),
        "sure.go": ("Go ahead", "继续"),
        "sure.back": ("Back", "返回"),
        "nav": ("Main", "主导航"),
        "nav.open": ("Menu", "菜单"),
        "nav.desks": ("Desks", "业务台"),
        "nav.more": ("More", "更多"),
        "nav.house": ("The house", "系统"),
        "at.overview": ("Overview", "总览"),
        "at.inbox": ("Inbox", "收件箱"),
        "at.findings": ("Findings", "发现"),
        "at.approvals": ("Second eyes", "待复核"),
        "at.brands": ("Brands", "品牌"),
        "at.notices": ("Notices", "通知"),
        "at.testbuys": ("Test buys", "神秘购买"),
        "at.sellers": ("Sellers", "商家"),
        "at.promotions": ("Campaigns", "活动"),
        "at.reviews": ("Reviews", "评价"),
        "at.rules": ("Rules", "规则"),
        "at.access": ("Readers", "数据访问"),
        "at.report": ("Integrity report", "诚信报告"),
        "at.audit": ("Audit log", "审计日志"),
        "at.actions": ("Actions", "措施"),
        "at.referrals": ("Referrals", "移送"),
        "at.insiders": ("Insiders", "员工行为"),
        "at.people": ("People and keys", "人员与密钥"),
        "at.system": ("Jobs, policies", "任务与政策"),
        "at.retention": ("Retention", "数据留存"),
        "at.check": ("Check a listing", "商品检测"),
        "search": ("Go to an id", "按编号查找"),
        "search.hint": ("listing, store, seller, order, finding …", "商品、店铺、商家、订单、发现……"),
        "search.go": ("Go", "前往"),
        "theme": ("Colours", "配色"),
        "theme.light": ("Light", "浅色"),
        "theme.dark": ("Dark", "深色"),
        "theme.auto": ("As the system", "跟随系统"),
        "keys": ("Keyboard", "键盘"),
        "keys.title": ("Keys", "快捷键"),
        "keys.search": ("Go to an id", "按编号查找"),
        "keys.next": ("Next row", "下一行"),
        "keys.previous": ("Row before", "上一行"),
        "keys.open": ("Open the row", "打开该行"),
        "keys.go": ("Go to {place}", "前往{place}"),
        "keys.help": ("This list", "显示本列表"),
        "close": ("Close", "关闭"),
        "none": ("Nothing here.", "暂无内容。"),
        "older": ("Older", "更早"),
        "newest": ("Newest", "最新"),
        "when": ("When", "时间"),
        "what": ("What", "内容"),
        "about": ("About", "对象"),
        "score": ("Score", "分数"),
        "amount": ("Amount", "金额"),
        "status": ("Status", "状态"),
        "who": ("Who", "经手"),
        "why": ("Why", "原因"),
        "all": ("All", "全部"),
        "show": ("Show", "查看"),
        "data": ("The figures", "数据"),
        "day": ("Day", "日期"),
        "reads": ("reads", "读作"),
        "pictures.title": ("Pictures, beside what they are compared with", "图片对比"),
        "pictures.show": ("Show them clearly (b)", "清晰显示（b）"),
        "pictures.of": ("Picture {number} of {id}", "{id} 的图片 {number}"),
        "left.late": ("late", "已超时"),
        "left.hours": ("{count} h left", "剩余 {count} 小时"),
        "left.days": ("{count} days left", "剩余 {count} 天"),
        "asked": ("Asked for. What waits for a second person:", "已提交。等待第二人复核："),
        "empty.any": ("any", "不限"),
        "fact.title": ("Title", "标题"),
        "fact.price": ("Price", "价格"),
        "fact.description": ("Description", "描述"),
        "fact.brand": ("Brand", "品牌"),
        "fact.category": ("Category", "类目"),
        "fact.store_id": ("Store", "店铺"),
        "fact.seller_id": ("Seller", "商家"),
        "fact.name": ("Name", "名称"),
        "fact.region": ("Region", "地区"),
        "fact.categories": ("Categories", "类目"),
        **{f"kind.{kind}": names for kind, names in KINDS.items()},
        **{f"status.{status}": names for status, names in STATUSES.items()},
        **{f"outcome.{outcome}": names for outcome, names in OUTCOMES.items()},
    }
)

SEARCH: Final = Catalogue(
    {
        "search.title": ("Go to an id", "按编号查找"),
        "search.several": ("Several things are called {wanted}:", "有多个对象的编号为 {wanted}："),
        "search.nothing": (
            "Nothing that was judged is called {wanted}. An id has to be written in full.",
            "没有编号为 {wanted} 的记录。请输入完整编号。",
        ),
        "search.empty": ("Write an id above.", "请在上方输入编号。"),
    }
)
