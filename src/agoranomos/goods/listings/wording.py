"""Every word on the pages of the publish-time check, in English and Chinese, and which words fit
which figure.
"""

from __future__ import annotations

from typing import Final

from agoranomos.web.i18n import BASE, Catalogue

# Weight of evidence in natural log-odds to words (Kass & Raftery 1995, table 2: twice the log Bayes
# factor of 2, 6 and 10), and how long the bar is drawn: full at 6, which is 400 to 1.
WEIGHT_WORDS: Final = (
    (5.0, "weight.very-strong"),
    (3.0, "weight.strong"),
    (1.0, "weight.positive"),
)
WEIGHT_FULL: Final = 6.0
SCORE_WORDS: Final = ((0.9, "score.very-high"), (0.75, "score.high"), (0.5, "score.doubtful"))


def weight_words(weight: float) -> str:
    """The key of the words for a weight of evidence, whichever way it points."""
    return next((key for line, key in WEIGHT_WORDS if abs(weight) >= line), "weight.slight")


def score_words(score: float) -> str:
    """The key of the words for a calibrated probability."""
    return next((key for line, key in SCORE_WORDS if score >= line), "score.low" if score else "score.none")


TEXTS: Final = BASE | Catalogue(
    {
        "form.title": ("Publish a listing", "发布商品"),
        "form.lead": (
            "We read your listing before it goes live: you hear of a problem before a buyer does.",
            "商品上架前我们会先检查一遍，让您比买家更早发现问题。",
        ),
        "form.samples": ("Try an example", "试试示例"),
        "sample.disguised": ("Disguised name", "伪装的品牌名"),
        "sample.honest": ("Honest listing", "正常商品"),
        "sample.contact": ("Contact in text", "文字中留有联系方式"),
        "field.title": ("Title", "标题"),
        "field.price": ("Price", "价格"),
        "field.currency": ("Currency", "币种"),
        "field.category": ("Category", "类目"),
        "field.brand": ("Brand", "品牌"),
        "field.description": ("Description", "商品描述"),
        "field.store_id": ("Store number", "店铺编号"),
        "field.optional": ("optional", "选填"),
        "hint.brand": ("Leave it empty if there is none.", "没有品牌可不填。"),
        "hint.category": ("For example shoes, cosmetics, food.", "例如：鞋、化妆品、食品。"),
        "hint.store_id": ("As shown in your seller account.", "可在卖家账户中查看。"),
        "form.check": ("Check and publish", "检查并发布"),
        "wrong.lead": ("Please look at these fields again:", "请检查以下内容："),
        "wrong.title.missing": ("Give the listing a title.", "请填写标题。"),
        "wrong.title.long": ("Keep the title under 300 characters.", "标题不能超过 300 字。"),
        "wrong.price": (
            "Write the price as a number, such as 129.00.",
            "请用数字填写价格，例如 129.00。",
        ),
        "wrong.currency": ("Choose a currency.", "请选择币种。"),
        "wrong.short": ("Keep this under 100 characters.", "不能超过 100 字。"),
        "wrong.description": (
            "Keep the description under 20,000 characters.",
            "描述不能超过 20000 字。",
        ),
        "wrong.store": ("Give your store number.", "请填写店铺编号。"),
        "wrong.acknowledge": (
            "Tick “I have read this” to go ahead, or change the listing.",
            "请勾选“我已阅读”后继续，或修改商品信息。",
        ),
        "outcome.approve": ("Your listing can go live", "商品可以上架"),
        "outcome.approve.lead": (
            "We found nothing that you need to change.",
            "没有发现需要修改的内容。",
        ),
        "outcome.warn": ("Please read this before you publish", "发布前请先阅读"),
        "outcome.warn.lead": (
            "This may give buyers the wrong idea. Change it, or go ahead if you are sure.",
            "商品信息中有可能误导买家的内容。您可以修改；如确认无误，也可以继续发布。",
        ),
        "outcome.review": ("Your listing goes live, and we look at it", "商品已上架，我们会复核"),
        "outcome.review.lead": (
            "A person on our team reads it soon. You need to do nothing for now.",
            "工作人员会尽快复核，您暂时不需要做什么。",
        ),
        "outcome.hold": ("A person looks at your listing first", "商品需先由专人审核"),
        "outcome.hold.lead": (
            "It does not go live yet. Changing it now is the fastest way forward.",
            "商品暂未上架。现在修改，可以更快上架。",
        ),
        "outcome.decline": ("This listing cannot go live", "该商品不能上架"),
        "outcome.decline.lead": (
            "As it stands it is against the rules of this marketplace.",
            "商品信息目前的内容违反平台规则。",
        ),
        "score.title": ("How doubtful it looks", "可疑程度"),
        "score.figure": ("{figure} of 100", "{figure}（满分 100）"),
        "score.very-high": ("very doubtful", "非常可疑"),
        "score.high": ("rather doubtful", "比较可疑"),
        "score.doubtful": ("somewhat doubtful", "有些可疑"),
        "score.low": ("hardly doubtful", "基本正常"),
        "score.none": ("nothing noticed", "未发现问题"),
        "concern.counterfeit": ("This may look like a fake", "看起来可能是假货"),
        "concern.diversion": ("This may lead buyers off the marketplace", "可能把买家引到平台之外"),
        "concern.prohibited": ("These goods may not be sold, or only with a licence", "可能属于禁售或须持证销售的商品"),
        "concern.borrowed": ("The pictures may be somebody else's", "图片可能属于他人"),
        "listing.title": ("Your listing, with the words in question", "您的商品信息（有疑问的文字已标出）"),
        "listing.plain": ("Your listing", "您的商品信息"),
        "reads": ("reads as", "读作"),
        "separator": (", ", "、"),
        "colon": (": ", "："),
        "none": ("none", "无"),
        "reasons.against": ("Why we ask", "提示原因"),
        "reasons.for": ("What speaks for you", "对您有利的方面"),
        "reasons.noticed": ("What we noticed", "我们注意到"),
        "words": ("Your words:", "您的原文："),
        "weight.very-strong": ("very strong sign", "非常明显"),
        "weight.strong": ("strong sign", "明显"),
        "weight.positive": ("moderate sign", "较明显"),
        "weight.slight": ("slight sign", "轻微"),
        "advice.title": ("What you can do", "您可以怎么做"),
        "go.title": ("Your choice", "您的选择"),
        "go.read": ("I have read this.", "我已阅读以上内容。"),
        "go.note": (
            "If you go ahead, we record that you have read the warning, with the time.",
            "如果继续发布，我们会记录您已阅读提示，以及阅读时间。",
        ),
        "go.ahead": ("Go ahead with this listing", "继续发布"),
        "go.change": ("Change the listing", "修改商品信息"),
        "go.another": ("Write another listing", "发布另一件商品"),
        "done.title": ("Recorded: you have read the warning", "已记录：您已阅读提示"),
        "done.lead": ("Your listing goes ahead as it is.", "商品将按目前的内容发布。"),
        "done.at": ("Recorded at", "记录时间"),
        "made.at": ("Checked at", "检查时间"),
        "decision": ("Decision", "检查编号"),
    }
)
