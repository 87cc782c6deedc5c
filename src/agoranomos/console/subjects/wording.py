"""The texts of the page of a subject."""

from __future__ import annotations

from typing import Final

from agoranomos.web.i18n import Catalogue

TEXTS: Final = Catalogue(
    {
        "subject.score": ("Highest score of what was found", "发现的最高分数"),
        "subject.findings": ("What was found", "发现"),
        "subject.decisions": ("What checks answered", "检查结果"),
        "subject.actions": ("What was done", "措施"),
        "subject.says": ("As it was submitted last", "最近一次提交的内容"),
        "subject.belongs": ("Belongs to", "所属"),
        "subject.stores": ("Stores", "店铺"),
        "subject.listings": ("Listings", "商品"),
        "subject.siblings": ("May be the same as", "可能为同一人"),
        "subject.siblings-none": ("Nobody else is likely to stand behind this seller.", "未发现可能的关联商家。"),
        "subject.points": ("Penalty points", "违规扣分"),
        "subject.points-of": ("{points} of {closes} points are in force", "有效扣分 {points} / {closes}"),
        "subject.as-of": ("As of a day", "截至日期"),
        "subject.frozen": ("Money in escrow", "冻结资金"),
        "subject.frozen-none": ("No money of this store is held.", "该店铺没有被冻结的资金。"),
        "subject.until": ("until {until}", "至 {until}"),
        "subject.ask": ("Ask for an action", "申请措施"),
        "subject.ask-kind": ("Action", "措施"),
        "subject.ask-because": ("Because of (the id of a finding, decision or case)", "依据（发现、决定或案件编号）"),
        "subject.ask-do": ("Ask for it", "提交申请"),
        "subject.ask-sure": ("Ask for this action in your name?", "确定以您的名义提交该措施吗？"),
        "subject.more.seller": ("Offences, ties and points", "违规、关联与扣分"),
        "subject.more.brand": ("In the brand registry", "品牌库"),
        "subject.more.store": ("Its reviews and scores", "评价与评分"),
        "subject.nothing": ("Nothing is known of this {kind} yet.", "尚无关于此{kind}的记录。"),
    }
)
