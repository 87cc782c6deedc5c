"""The texts of the pages of actions."""

from __future__ import annotations

from typing import Final

from agoranomos.web.i18n import Catalogue

TEXTS: Final = Catalogue(
    {
        "actions.title": ("Actions", "措施"),
        "actions.lead": ("What is done and to be done, newest first.", "已执行和待执行的措施，按时间倒序。"),
        "actions.kind": ("Kind", "类别"),
        "actions.any": ("any", "不限"),
        "actions.filter": ("Show", "查看"),
        "action.facts": ("About this action", "关于此措施"),
        "action.because": ("Because of", "依据"),
        "action.params": ("How", "参数"),
        "action.asked": ("Asked for by", "申请人"),
        "action.agreed": ("Agreed to by", "同意人"),
        "action.waits": ("What it waits for", "等待的复核"),
        "action.measure": ("Part of a bulk measure", "所属批量措施"),
        "action.reverses": ("Takes back", "撤销的措施"),
        "action.undo": ("Undo it ({kind})", "撤销（{kind}）"),
        "action.undo-sure": (
            "Take this action back? What took effect is reversed; what had not gone out never does.",
            "确定撤销该措施吗？已生效的将被恢复，尚未执行的不再执行。",
        ),
        "action.undoing": ("It is undone as soon as it has taken effect.", "生效后将立即撤销。"),
    }
)
