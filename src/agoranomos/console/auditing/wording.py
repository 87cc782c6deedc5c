"""The texts of the page of the audit log."""

from __future__ import annotations

from typing import Final

from agoranomos.web.i18n import Catalogue

TEXTS: Final = Catalogue(
    {
        "audit.title": ("Audit log", "审计日志"),
        "audit.lead": (
            "Who did what, in the order in which it was recorded. Nobody can change it unseen.",
            "按记录顺序列出操作，任何改动都会被发现。",
        ),
        "audit.actor": ("Who (kind:id, or an id)", "操作人（类别:编号，或编号）"),
        "audit.subject": ("About what", "对象"),
        "audit.show": ("Show", "查看"),
        "audit.number": ("No.", "序号"),
        "audit.verb": ("Verb", "操作"),
        "audit.params": ("How", "参数"),
        "audit.check": ("Check", "验证"),
        "audit.none": ("Nothing is recorded of that.", "没有相关记录。"),
        "audit.next": ("Later", "更晚"),
        "audit.key": (
            "Public key of the log, from a place you trust (name+hash+key); empty: the signature is not looked at",
            "日志公钥（来自可信来源，格式 name+hash+key）；留空则不验证签名",
        ),
        "audit.signed": ("in the log, and signed", "已收录，签名有效"),
        "audit.included": ("in the log by the checkpoint", "已收录于检查点"),
        "audit.broken": ("NOT in the log", "未收录于日志"),
        "audit.forged": ("the signature is NOT this key's", "签名与公钥不符"),
        "audit.bad-key": ("this is no public key", "公钥格式不正确"),
        "audit.unsigned": ("not signed yet; ask again in a minute", "尚未签名，请一分钟后重试"),
        "audit.away": ("no answer", "无响应"),
        "audit.insecure": ("the browser checks over https only", "浏览器仅支持在 https 下验证"),
    }
)
