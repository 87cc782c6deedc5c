"""The texts of the pages of findings on staff."""

from __future__ import annotations

from typing import Final

from agoranomos.web.i18n import Catalogue

TEXTS: Final = Catalogue(
    {
        "insiders.title": ("What was found about the staff", "员工行为发现"),
        "insiders.lead": (
            "For auditors alone: no other list, case, queue or search shows it. It is a reason to look, not a verdict.",
            "仅审计人员可见，不出现在其他列表、案件、队列和搜索中。仅供核查，并非结论。",
        ),
        "insiders.none": ("Nothing was found.", "暂无发现。"),
        "insiders.staff": ("Member of staff", "员工"),
        "insiders.acts": ("What they did, in the audit log", "审计日志中的操作"),
        "insider.reasons": ("Why", "依据"),
        "insider.related": ("What it touches", "相关对象"),
    }
)
