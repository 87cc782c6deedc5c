"""The words of statements of reasons, in English and Chinese."""

from __future__ import annotations

from typing import Final, Literal

Lang = Literal["en", "zh"]
LANGS: Final[tuple[Lang, ...]] = ("en", "zh")

KINDS: Final[dict[str, dict[Lang, str]]] = {
    "counterfeit": {"en": "counterfeit goods", "zh": "假冒商品"},
    "trademark": {"en": "a trademark", "zh": "商标权"},
    "copyright": {"en": "a copyright", "zh": "著作权"},
    "patent": {"en": "a patent", "zh": "专利权"},
}
OUTCOMES: Final[dict[str, dict[Lang, str]]] = {
    "upheld": {"en": "the notice was upheld; the listing is removed", "zh": "投诉成立，商品已下架"},
    "rejected": {"en": "the notice was rejected; the listing stays", "zh": "投诉不成立，商品保留"},
    "overturned": {
        "en": "upheld at first, overturned on appeal; the listing comes back",
        "zh": "原判成立，申诉后撤销，商品恢复",
    },
}
GROUND: Final[dict[Lang, str]] = {
    "en": "Terms of use, section on intellectual property: no goods that infringe the rights of others.",
    "zh": "平台规则知识产权条款：不得销售侵犯他人知识产权的商品。",
}
TITLE: Final[dict[Lang, str]] = {"en": "Statement of reasons {statement_id}", "zh": "处理决定说明 {statement_id}"}
FACTS: Final[dict[Lang, str]] = {
    "en": (
        "On {filed} the rights holder {holder} of the brand {brand} notified us of listings that infringe his rights"
        " ({kind}). {answered} The decision was taken by people on {decided}; no automated means were used to find the"
        " listings or to decide."
    ),
    "zh": (
        "{filed}，品牌{brand}的权利人{holder}就侵权商品向本平台发出通知（{kind}）。{answered}"
        "决定由人工于{decided}作出；发现和决定均未使用自动化手段。"
    ),
}
ANSWERED: Final[dict[bool, dict[Lang, str]]] = {
    True: {"en": "The seller answered, and the answer was considered.", "zh": "商家已提交申辩，平台已予考虑。"},
    False: {"en": "The seller did not answer.", "zh": "商家未提交申辩。"},
}
REASON: Final[dict[Lang, str]] = {"en": "What decided: {reason}", "zh": "决定理由：{reason}"}
REDRESS: Final[dict[Lang, str]] = {
    "en": (
        "You may appeal within {days} days, free of charge, and somebody else will look at it. You may also turn to an"
        " out-of-court dispute settlement body, or to a court."
    ),
    "zh": "您可在{days}日内免费申诉，由其他人员复核；也可向庭外争议解决机构申请，或向法院起诉。",
}
