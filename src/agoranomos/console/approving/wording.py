"""The texts of the pages of approvals."""

from __future__ import annotations

from typing import Final

from agoranomos.web.i18n import Catalogue

TEXTS: Final = Catalogue(
    {
        "approvals.title": ("Waiting for second eyes", "等待复核"),
        "approvals.lead": (
            "Neither who asked for it nor who gains by it may agree to it.",
            "申请人和受益人均不得同意。",
        ),
        "approvals.none": ("Nothing waits for a second person.", "暂无等待复核的申请。"),
        "approval.wanted": ("What is wanted", "申请内容"),
        "approval.by": ("Asked for by", "申请人"),
        "approval.at": ("Asked for at", "申请时间"),
        "approval.until": ("Lasts until", "有效期至"),
        "approval.params": ("How", "参数"),
        "approval.decided": ("Decided by", "裁定人"),
        "approval.actions": ("What would be done", "将执行的措施"),
        "approval.approve": ("Agree", "同意"),
        "approval.refuse": ("Refuse", "拒绝"),
        "approval.sure": ("Agree to this in your name?", "确定以您的名义同意吗？"),
        "approval.over": ("Nothing is left to decide here.", "此申请已无需裁定。"),
        "approval.not-yours": ("Your role does not decide on this.", "您的角色无权裁定此申请。"),
        "approval.your-own": (
            "You asked for this or gain by it: somebody else has to decide.",
            "您是申请人或受益人：须由他人裁定。",
        ),
        "approval.pending": ("waits", "待裁定"),
        "approval.approved": ("agreed to", "已同意"),
        "approval.refused": ("refused", "已拒绝"),
        "approval.withdrawn": ("taken back", "已撤回"),
        "approval.expired": ("expired", "已过期"),
        "approval.spent": ("done", "已执行"),
    }
)
