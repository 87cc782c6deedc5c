"""What a package says in words: its README, and its summary in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from agoranomos.cases.referral.attaching import Attached, Withheld
from agoranomos.cases.referral.dossier import Person
from agoranomos.cases.referral.model import Referral
from agoranomos.cases.referral.policy import Authority
from agoranomos.evidence.summary import Fact, Summary, Table
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.money import MINOR_DIGITS

PEOPLE_SHOWN: Final = 30
ABOUT: Final = {
    "seller": "卖家", "store": "店铺", "listing": "商品", "batch": "批次", "account": "账号", "ring": "团伙",
    "campaign": "促销活动",
}  # fmt: skip
ROLES: Final = {"suspect": "嫌疑人", "victim": "受害人", "beneficiary": "受益人", "witness": "证人"}
FACTS: Final = {
    "suspect": ("嫌疑主体", "suspects"),
    "victim": ("受害人", "victims"),
    "beneficiary": ("受益人", "beneficiaries"),
    "rings": ("团伙", "rings"),
    "issued": ("发放的优惠券", "coupons issued"),
    "claimed": ("领取的优惠券", "coupons claimed"),
    "redeemed": ("使用的优惠券", "coupons redeemed"),
    "refunded": ("退回的优惠券", "coupons given back"),
    "voided": ("作废的优惠券", "coupons voided"),
    "events": ("相关事件", "events"),
    "findings": ("系统发现", "findings"),
    "decisions": ("决定", "decisions"),
    "actions": ("处置措施", "actions"),
    "recalls": ("召回", "recalls"),
    "kinds_of_events_cut": ("被截断的事件类型", "kinds of events that were cut"),
    "attached": ("案件附件", "attachments of the case"),
    "attached_here": ("其中随本包提供", "of these in this package"),
    "audit_entries": ("审计日志条目", "entries of the audit log"),
}
WITHHELD: Final[dict[Withheld, str]] = {
    "": "", "not_agreed": "未提供（未经审批） withheld", "erased": "已删除 erased",
}  # fmt: skip
README: Final = """Evidence package of a referral. 案件移送证据包

Check it before you rely on it; Python 3.9 or newer is all that is needed:
使用前请校验（只需 Python 3.9 及以上版本）：

    python3 verify.py PACKAGE.zip --key KEY --audit-key KEY

KEY are the public keys of the marketplace for evidence and for its audit log. Have them by another way than with this
package. verify.py is the same in every package of this form; take it from another one, or compare its SHA-256.
公钥请通过其他渠道向平台核实，不要只依赖本证据包内的信息。

summary.pdf           the summary, Chinese and English             摘要（中英文）
referral.json         what is referred, to whom, why               移送事项
case.json             the case that it comes from                  来源案件
people.csv, .jsonl    who is in it, in which role, for which reasons  涉案人员及理由
amounts.csv           amounts by person, in minor units (fen)      按人员列出的金额（单位：分）
timeline.csv          what happened, in the order of time          时间线
personal.csv          personal data of suspects, where it was agreed to  嫌疑人个人信息（经审批）
*.jsonl               the records behind it, a JSON document a line  原始记录
documents.csv         what is attached to the case, with SHA-256   附件清单
documents/            attachments, where it was agreed to          附件（经审批）
custody.jsonl         who opened, made, fetched this, and when     保管链
audit/                entries of the audit log with their proofs   审计日志及其证明
manifest.json, .note  the SHA-256 of every file, and the signature over it  清单及签名

Accounts, sellers and devices are ids of the marketplace. Values such as pho_… stand for personal data that is not in
this package; "withheld" names fields of an event that were left out because they may be about anybody.
账号、卖家和设备均为平台内部编号；pho_… 等代码代表未随本包提供的个人信息；"withheld" 表示未提供的字段。
"""


def summary(
    referral: Referral, authority: Authority, *, number: int, made_at: str, facts: Mapping[str, int],
    totals: Mapping[str, int], by_role: Mapping[str, Mapping[str, int]], people: Sequence[tuple[Person, str]],
    documents: Sequence[Attached] = (),
) -> Summary:  # fmt: skip
    """The summary of a package; `people` are the first ones with what each took or lost, in words."""
    about = referral.about
    lines = [
        Fact("移送编号", "referral", f"{referral.referral_id} / {number}"),
        Fact("移送机关", "authority", f"{authority.chinese} {authority.english}"),
        Fact("移送事项", "about", f"{ABOUT[about.kind]} {about.kind} {about.id}"),
        Fact("来源案件", "case", referral.because or "—"),
        Fact("移送日期", "opened", rfc3339(referral.opened_at)),
        Fact("制作时间", "package made", made_at),
        *(Fact(*FACTS[name], f"{count:,}") for name, count in facts.items() if name in FACTS),
        Fact("涉案金额合计", "amounts in total", _money(totals)),
    ]
    roles = tuple((f"{ROLES[role]} {role}", _money(sums)) for role, sums in sorted(by_role.items()))
    shown = tuple(
        (each.id, f"{ROLES[each.role]} {each.role}", f"{each.score:.2f}" if each.score else "—", amount)
        for each, amount in people
    )
    papers = tuple(
        (str(each.number), each.file or WITHHELD[each.withheld], each.paper.media_type, each.paper.sha256)
        for each in documents
    )
    listed = (
        (Table("附件", "attachments", ("序号 number", "文件 file", "类型 type", "SHA-256"), papers),) if papers else ()
    )
    return Summary(
        chinese="案件移送摘要", english="Summary of a referral", facts=tuple(lines),
        tables=(
            Table("按角色金额", "amounts by role", ("角色 role", "金额 amount"), roles),
            Table("主要涉案主体", "first of the people", ("编号 id", "角色 role", "概率 score", "金额 amount"), shown),
            *listed,
        ),
        remarks=(
            "概率为系统估计，不是认定；认定由有权机关作出。",
            "A score is an estimate of the system and no verdict; verdicts are those of the authority.",
        ),
    )  # fmt: skip


def money(amount: int, currency: str) -> str:
    """An amount as people read it, whatever its currency is called."""
    digits = MINOR_DIGITS.get(currency, 2)
    whole, rest = divmod(abs(amount), 10**digits)
    sign, fraction = "-" if amount < 0 else "", f".{rest:0{digits}d}" if digits else ""
    return f"{sign}{whole:,}{fraction} {currency}".strip()


def _money(sums: Mapping[str, int]) -> str:
    return ", ".join(money(amount, currency) for currency, amount in sorted(sums.items())) or "—"
