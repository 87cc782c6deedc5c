"""The words of statements of reasons of cases, in English and Chinese."""

from __future__ import annotations

from typing import Final, Literal

Lang = Literal["en", "zh"]
LANGS: Final[tuple[Lang, ...]] = ("en", "zh")
Words = dict[Lang, str]

TITLE: Final[Words] = {"en": "Statement of reasons {statement_id}", "zh": "处理决定说明 {statement_id}"}
FACTS: Final[Words] = {
    "en": "On {at} people of this marketplace decided case {case_id}. {found} {automated}",
    "zh": "{at}，本平台工作人员对案件{case_id}作出决定。{found}{automated}",
}
FOUND: Final[dict[bool, Words]] = {
    True: {
        "en": "It was opened on {opened} on our own initiative, as {count} signs spoke for it.",
        "zh": "该案由平台于{opened}依职权立案，共发现{count}项迹象。",
    },
    False: {
        "en": "It was opened on {opened}, as somebody had told us of it.",
        "zh": "该案于{opened}根据收到的反映立案。",
    },
}
AUTOMATED: Final[dict[bool, Words]] = {
    True: {
        "en": "Automated means were used to find it; the decision was taken by people.",
        "zh": "发现过程使用了自动化手段；决定由人工作出。",
    },
    False: {
        "en": "No automated means were used to find it or to decide.",
        "zh": "发现和决定均未使用自动化手段。",
    },
}
CLAUSE: Final[Words] = {"en": "What the terms say: {clause}", "zh": "依据平台规则：{clause}"}
REASON: Final[Words] = {"en": "What decided: {reason}", "zh": "决定理由：{reason}"}
FOLLOWS: Final[Words] = {"en": "What follows: {actions}", "zh": "处理措施：{actions}"}
NOTHING: Final[Words] = {"en": "no measure beside the offence that is counted", "zh": "除记录违规外无其他措施"}
SUBJECT: Final[dict[bool, Words]] = {
    False: {"en": "{kind} {id}: the case was upheld", "zh": "{kind} {id}：违规成立"},
    True: {
        "en": "{kind} {id}: upheld at first, overturned on appeal; what followed is taken back",
        "zh": "{kind} {id}：原判成立，申诉后撤销，相关措施已撤回",
    },
}
REDRESS: Final[Words] = {
    "en": (
        "You may appeal within {days} days, free of charge, and somebody else will look at it. You may also turn to an"
        " out-of-court dispute settlement body, or to a court."
    ),
    "zh": "您可在{days}日内免费申诉，由其他人员复核；也可向庭外争议解决机构申请，或向法院起诉。",
}
