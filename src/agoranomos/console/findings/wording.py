"""The texts of the pages of findings."""

from __future__ import annotations

from typing import Final

from agoranomos.web.i18n import Catalogue

TEXTS: Final = Catalogue(
    {
        "findings.title": ("Findings", "发现"),
        "findings.lead": ("What detectors and rules found, newest first.", "检测器和规则得出的发现，按时间倒序。"),
        "findings.code": ("Code", "代码"),
        "findings.kind": ("About a", "对象类别"),
        "findings.any": ("any", "不限"),
        "findings.score": ("Score from", "最低分数"),
        "findings.filter": ("Show", "查看"),
        "finding.reasons": ("Why", "依据"),
        "finding.related": ("What it touches", "相关对象"),
        "finding.ring": ("Others of this ring", "同一团伙的其他成员"),
        "finding.facts": ("About this finding", "关于此发现"),
        "finding.detector": ("Detector", "检测器"),
        "finding.version": ("Version", "版本"),
        "finding.revision": ("Revision", "修订"),
        "finding.status": ("Status", "状态"),
        "finding.events": ("Events", "事件数"),
        "finding.id": ("Id", "编号"),
        "finding.evidence": ("Evidence", "证据"),
        "finding.weight": ("weight {weight}", "权重 {weight}"),
        "role.member": ("member", "成员"),
        "role.victim": ("victim", "受害者"),
        "role.tie": ("tie", "关联"),
        "role.reference": ("reference", "参照"),
    }
)
