"""A passport whose number or machine-readable lines cannot be, or say something else than was typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from agoranomos.sellers.identity.facts import ApplicationFacts
from agoranomos.sellers.identity.signs import IdentityDetector, Means, Sign, Weights, example, signs

CODE = "sellers.passport_invalid"
_LINES: Final = "The check digit of the {field} in the machine-readable lines does not fit."
_LINES_ZH: Final = "护照机读区中{field}的校验位不符。"


def _check(weight: float, field: str, field_zh: str) -> Means:
    return Means(weight, _LINES.format(field=field), _LINES_ZH.format(field=field_zh), "passport_lines")


MEANS: Final[Mapping[str, Means]] = {
    "form": Means(
        2.6,
        "The number has the form of no travel document: five to fourteen letters and digits.",
        "该号码不符合旅行证件号码的格式：应为五至十四位字母和数字。",
        "passport_form",
    ),
    "mrz_number_check": _check(4.2, "document number", "证件号码"),
    "mrz_birth_check": _check(4.2, "birth date", "出生日期"),
    "mrz_expiry_check": _check(4.2, "expiry date", "有效期"),
    "mrz_optional_check": _check(3.0, "personal number", "个人号码"),
    "mrz_check": _check(4.0, "lines as a whole", "整体"),
    "mrz_date_impossible": Means(
        4.6,
        "The birth date in the machine-readable lines is no day.",
        "护照机读区中的出生日期并不存在。",
        "passport_lines",
    ),
    "mrz_expired": Means(
        0.8, "By the machine-readable lines the passport had expired.", "按机读区，护照已过期。", "passport_expired"
    ),
    "mrz_number_differs": Means(
        3.6,
        "The passport number that was typed is not the one in the machine-readable lines.",
        "填写的护照号码与机读区不一致。",
        "passport_number",
    ),
    "mrz_birth_differs": Means(
        3.6,
        "The birth date that was typed is not the one in the machine-readable lines.",
        "填写的出生日期与护照机读区不一致。",
        "birth_date",
    ),
    "mrz_name_differs": Means(
        2.4,
        "The name that was typed is not the one in the machine-readable lines, in any order or spelling known here.",
        "填写的姓名与护照机读区的姓名不一致（已考虑顺序和拼写）。",
        "name",
    ),
}


def inspect(facts: ApplicationFacts, settings: Weights) -> Iterable[Sign]:
    """One sign for each thing that is wrong."""
    seen = facts.seen
    if seen.id_kind == "passport" and seen.number_kind == "other":
        yield from signs(CODE, seen.number, MEANS, settings.weights)
    yield from signs(CODE, seen.mrz, MEANS, settings.weights)


_LINES_OF_ICAO: Final = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F2904157ZE184226B<<<<<18"
"""The specimen of ICAO 9303-4, appendix B, with an expiry date in 2029."""

DETECTOR = IdentityDetector(
    code=CODE,
    name="a passport that cannot be",
    version="1",
    about="A passport number of no known form, or machine-readable lines that do not fit themselves or what was typed.",
    settings=Weights(),
    hits=(
        example(id_kind="passport", id_number="无", legal_name="Anna Eriksson"),
        example(
            id_kind="passport",
            id_number=_LINES_OF_ICAO.replace("L898902C3", "L898902C8"),
            legal_name="Anna Maria Eriksson",
        ),
        example(id_kind="passport", id_number=_LINES_OF_ICAO, legal_name="John Smith"),
    ),
    misses=(
        example(),
        example(id_kind="passport", id_number="E12345678", legal_name="李伟"),
        example(id_kind="passport", id_number=_LINES_OF_ICAO, legal_name="Eriksson, Anna Maria"),
    ),
    inspect=inspect,
)
