"""The texts of the pages of readers and exports."""

from __future__ import annotations

from typing import Final

from agoranomos.web.i18n import Catalogue

TEXTS: Final = Catalogue(
    {
        "access.title": ("Who reads people", "数据访问"),
        "access.lead": (
            "Readers count by how many different people they were shown, not by how fast they go.",
            "按访问到的不同用户数计量，而非访问速度。",
        ),
        "access.none": (
            "Nobody has read anybody yet. Reads come as data.read events and checks.",
            "尚无访问记录。访问通过 data.read 事件和检查接入。",
        ),
        "access.reader": ("Reader", "访问者"),
        "access.kind": ("Kind", "类别"),
        "access.people": ("{days} days: people", "{days} 天：人数"),
        "access.strangers": ("without business", "无业务往来"),
        "access.today": ("Today, of its limit", "今日 / 上限"),
        "access.month": ("Thirty days, of its limit", "三十天 / 上限"),
        "access.of": ("{part} of {whole}", "{part} / {whole}"),
        "access.coverage": ("Different people in the reads of so many days", "各时段读取涉及的不同用户数"),
        "access.reads": ("reads", "读取次数"),
        "access.days": ("days", "天"),
        "access.contract": ("What it may read by contract", "合同约定范围"),
        "access.contract-none": ("It has no contract.", "无合同。"),
        "access.stores": ("Stores", "店铺"),
        "access.purposes": ("Purposes", "用途"),
        "access.fields": ("Fields", "字段"),
        "access.until": ("Until", "有效期至"),
        "access.exports": ("What leaves as a file", "数据导出"),
        "access.exports-none": ("Nobody has asked for an export.", "暂无导出申请。"),
        "access.purpose": ("Purpose", "用途"),
        "access.region": ("To", "目的地"),
        "access.subjects": ("People", "人数"),
        "access.agree": ("Agree", "同意"),
        "access.refuse": ("Refuse", "拒绝"),
        "access.sure": ("Agree in your name that these data leave?", "确定以您的名义同意这些数据离开吗？"),
        "access.found": ("What was found", "发现"),
    }
)
