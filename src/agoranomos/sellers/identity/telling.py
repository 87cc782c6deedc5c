"""What an applicant is told: which field to correct, and how. Never which sign gave him away.

Signs that somebody who deceives should not learn of have no text here; where nothing else is to be said, he learns that
a person is looking at his application.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.findings import Finding
from agoranomos.sellers.identity.signs import Sign


class Told(msgspec.Struct, frozen=True):
    """One text for the applicant; `field` of the application, "" for the application as a whole."""

    field: str
    message: str
    message_zh: str


_NUMBER = "id_number"
TEXTS: Final[Mapping[str, Told]] = {
    "number_form": Told(
        _NUMBER, "Type all eighteen characters of the number on your identity card.", "请完整填写身份证上的十八位号码。"
    ),
    "number_wrong": Told(
        _NUMBER,
        "The number is not right. Compare it with your card, character by character.",
        "号码有误，请对照证件逐位核对。",
    ),
    "number_old": Told(
        _NUMBER,
        "This is an old number. Use the one on a document that is valid today.",
        "该号码为旧号码，请使用现行有效证件上的号码。",
    ),
    "number_on_card": Told(
        _NUMBER,
        "The number does not match the photo of your card. Type it as it stands there.",
        "号码与证件照片不符，请按证件填写。",
    ),
    "too_young": Told("", "Sellers must be sixteen or older.", "申请开店须年满十六周岁。"),
    "birth_date": Told("birth_date", "Type your birth date as it stands on your document.", "请按证件填写出生日期。"),
    "name": Told("legal_name", "Type the name as it stands on the document.", "请按证件填写姓名或名称。"),
    "name_han": Told(
        "legal_name", "Type the name in Chinese characters, as on the identity card.", "请按身份证填写中文姓名。"
    ),
    "kind": Told("id_kind", "Choose the kind of document that the number belongs to.", "请选择与号码相符的证件类型。"),
    "firm_form": Told(
        _NUMBER, "Type the eighteen characters of the unified social credit code.", "请填写十八位统一社会信用代码。"
    ),
    "firm_wrong": Told(
        _NUMBER,
        "The firm's number is not right. Compare it with the business licence.",
        "企业代码有误，请对照营业执照核对。",
    ),
    "firm_old": Told(
        _NUMBER,
        "Use the unified social credit code of your present licence.",
        "请使用现行营业执照上的统一社会信用代码。",
    ),
    "licence": Told(
        "licence_number", "The two numbers of your firm differ. Correct one.", "所填的两个企业代码不一致，请更正。"
    ),
    "account": Told(
        "bank_account", "The account number is not right. Compare it with your card.", "银行账号有误，请核对。"
    ),
    "passport_form": Told(_NUMBER, "Type the number of your passport.", "请填写护照号码。"),
    "passport_lines": Told(
        _NUMBER,
        "The two lines at the foot of the passport page were not typed or read rightly. Send them again.",
        "护照资料页底部的两行机读码有误，请重新填写或上传。",
    ),
    "passport_number": Told(
        _NUMBER, "Type the passport number as it stands on its page.", "请按护照资料页填写护照号码。"
    ),
    "passport_expired": Told(
        _NUMBER, "Your passport has expired. Use a valid document.", "护照已过期，请使用有效证件。"
    ),
    "id_photo_unreadable": Told(
        "id_photo", "The photo of the document could not be opened. Send it again.", "证件照片无法打开，请重新上传。"
    ),
    "holding_photo_unreadable": Told(
        "holding_photo",
        "The photo with the document in your hand could not be opened. Send it again.",
        "手持证件照片无法打开，请重新上传。",
    ),
    "face_photo_unreadable": Told(
        "face_photo", "The photo of your face could not be opened. Send it again.", "人脸照片无法打开，请重新上传。"
    ),
    "id_photo_poor": Told(
        "id_photo",
        "Take the photo of the document again: whole, in focus, in good light.",
        "请重新拍摄证件：完整、清晰、光线充足。",
    ),
    "holding_photo_poor": Told(
        "holding_photo",
        "Take the photo with the document in your hand again, in good light.",
        "请在光线充足处重新拍摄手持证件照片。",
    ),
    "face_photo_poor": Told(
        "face_photo", "Take the photo of your face again, in good light.", "请在光线充足处重新拍摄人脸照片。"
    ),
    "photos_alike": Told("", "Send a photo of its own for each of those asked for.", "请分别上传要求的各张照片。"),
    "person": Told(
        "face_photo", "Take the photo of your face again, facing the camera.", "请正对镜头重新拍摄人脸照片。"
    ),
}
OF_ADVICE: Final[Mapping[str, str]] = {"sellers.certification_required": "region"}
"""What other rooms found and the applicant is told in their words: code → the field that it is about."""
WAITING: Final = Told(
    "",
    "A person looks at your application. There is nothing for you to do now.",
    "您的申请正在人工审核，暂时无需操作。",
)
"""Where nothing can be corrected, or nothing may be said."""
DECLINED: Final = Told(
    "",
    "Your application was declined. If you think that this is a mistake, appeal.",
    "您的申请未获通过；如有异议，可以申诉。",
)
"""Of an application that is declined, behind whatever may be corrected."""


def told(signs: Iterable[Sign], outcome: Outcome, advice: Iterable[Finding] = ()) -> tuple[Told, ...]:
    """What the applicant is told of a decision, each text once; empty when it is an approval. `advice`: what other
    rooms found.
    """
    if outcome is Outcome.APPROVE:
        return ()
    texts = dict.fromkeys(TEXTS[sign.tell] for sign in signs if sign.tell)
    said = [reason for each in advice for reason in each.reasons if reason.code in OF_ADVICE]
    texts |= {Told(OF_ADVICE[each.code], each.message, each.evidence["message_zh"]): None for each in said}
    if outcome is Outcome.DECLINE:
        texts[DECLINED] = None
    return tuple(texts) or (WAITING,)
