"""The texts of the pages of reviews."""

from __future__ import annotations

from typing import Final

from agoranomos.web.i18n import Catalogue

TEXTS: Final = Catalogue(
    {
        "reviews.title": ("Reviews", "评价"),
        "reviews.lead": (
            "Stores that press their critics, and accounts that praise or extort together.",
            "向差评用户施压的店铺，以及结伙刷好评、敲诈的账户。",
        ),
        "reviews.held": ("What is held back", "暂缓展示的评价"),
        "reviews.risk": ("Stores at risk: {count}", "风险店铺：{count}"),
        "reviews.risk-none": (
            "No store was found to press its critics. Reviews, contacts and payments come as events.",
            "未发现施压店铺。评价、联系和付款记录通过事件接入。",
        ),
        "reviews.store": ("Store", "店铺"),
        "reviews.pressure": ("Took it back after a contact, against what is usual", "联系后撤回比例（对比常态）"),
        "reviews.of": (
            "{taken} of {reached}: {rate}, between {low} and {high}; usual: {usual}",
            "{reached} 人中 {taken} 人：{rate}（{low} 至 {high}）；常态：{usual}",
        ),
        "reviews.harassed": ("People report harassment", "骚扰举报"),
        "reviews.harassed-by": ("{count} people", "{count} 人"),
        "reviews.rings": ("Rings: {count}", "团伙：{count}"),
        "reviews.rings-none": ("No accounts were found that act together.", "未发现结伙账户。"),
        "reviews.ring": ("Ring", "团伙"),
        "reviews.ring.reviews.bought_praise": ("praises for money", "刷好评"),
        "reviews.ring.reviews.extortion": ("extorts", "差评敲诈"),
        "reviews.accounts": ("Accounts", "账户数"),
        "reviews.stores": ("Stores", "店铺数"),
        "reviews.ties": ("Held together by", "关联依据"),
        "reviews.newest": (
            "Put together from the newest {count} findings of each kind.",
            "汇总自每类最新的 {count} 条发现。",
        ),
        "tie.device": ("one device", "同一设备"),
        "tie.network": ("one network address", "同一网络地址"),
        "tie.conduct": ("the same stores within hours", "数小时内评价相同店铺"),
        "tie.text": ("nearly the same text", "文字几乎相同"),
        "tie.payment": ("one payer", "同一付款方"),
        "reviews.scores": ("The two scores", "两种评分"),
        "reviews.visible": ("Visible", "公开评分"),
        "reviews.honest": ("Honest: if nobody had bought, extorted or pressed", "真实评分：剔除购买、敲诈、施压"),
        "reviews.count": ("{count} reviews", "{count} 条评价"),
        "reviews.scores-none": ("No review of this store is known.", "暂无该店铺的评价。"),
        "reviews.why": ("Why they differ", "差异原因"),
        "reviews.same": ("Nothing moves them apart.", "两者无差异。"),
        "reviews.moves": ("{moves} stars", "{moves} 星"),
        "reviews.sequences": ("What came before reviews were taken back", "撤回评价前的经过"),
        "reviews.review": ("Review", "评价"),
        "reviews.how": ("How", "方式"),
        "reviews.how.deleted": ("deleted", "删除"),
        "reviews.how.raised": ("raised", "改高"),
        "reviews.before": ("Before it", "此前"),
        "reviews.hours": ("{hours} h later", "{hours} 小时后"),
        "contact.call": ("call", "通话"),
        "contact.message": ("message", "消息"),
        "contact.unknown_call": ("call of somebody unknown", "来源不明的通话"),
        "contact.payment": ("payment", "付款"),
        "contact.harassment": ("harassment", "骚扰"),
        "reviews.nothing": ("Nothing was found about this store's reviews.", "未发现该店铺的评价问题。"),
        "reviews.about": ("All that is known of the store", "店铺全部信息"),
        "held.title": ("Reviews that are held back", "暂缓展示的评价"),
        "held.lead": (
            "An anonymous review is shown once the store cannot tell who wrote it; after {days} days it counts.",
            "匿名评价在商家无法推断作者后与其他评价一起展示；最迟 {days} 天后计入评分。",
        ),
        "held.none": ("No review was held back lately.", "近期没有暂缓展示的评价。"),
        "held.since": ("Held since", "暂缓自"),
        "held.public": ("What is public", "公开内容"),
        "held.when": ("When", "时间"),
        "held.nothing": ("nothing yet", "暂不公开"),
        "held.latest": ("at the latest", "最迟"),
        "held.form.listing": ("text, goods", "文字、商品"),
        "held.form.category": ("text, kind of goods", "文字、商品类目"),
        "held.form.none": ("text alone", "仅文字"),
        "held.form.score": ("counts in the score; the text stays here", "计入评分，文字不公开"),
        "held.dated": ("dated {period}", "日期 {period}"),
        "held.score": ("store's score then", "当时店铺评分"),
    }
)
