"""A firm's number that cannot be one: form, its two check characters, the office that registers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from agoranomos.sellers.identity.facts import ApplicationFacts
from agoranomos.sellers.identity.signs import IdentityDetector, Means, Sign, example, signs

CODE = "sellers.firm_number_invalid"
MEANS: Final[Mapping[str, Means]] = {
    "form": Means(
        3.8,
        "The number is neither a unified social credit code of eighteen characters nor a registration number of "
        "fifteen.",
        "该号码既不是十八位统一社会信用代码，也不是十五位注册号。",
        "firm_form",
    ),
    "check": Means(
        4.4,
        "The check character of the firm's number does not fit the others.",
        "企业代码的校验码与其余各位不符。",
        "firm_wrong",
    ),
    "organisation_check": Means(
        3.6,
        "The organisation code within the firm's number has a check character of its own, which does not fit.",
        "企业代码中的组织机构代码的校验码不符。",
        "firm_wrong",
    ),
    "province_unknown": Means(
        3.6, "No province has the code in the firm's number.", "企业代码中的省级代码不存在。", "firm_wrong"
    ),
    "office_unknown": Means(
        2.4,
        "No office registers under the first character of the firm's number.",
        "企业代码首位没有对应的登记机关。",
        "firm_wrong",
    ),
    "old_form": Means(
        0.6,
        "The number is a registration number from before 2015, which has been replaced since.",
        "该号码为 2015 年以前的注册号，现已换发统一社会信用代码。",
        "firm_old",
    ),
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`weights`: other weights than the shipped ones, by what is wrong. `licence`: the share that counts where the
    number is not the applicant's own but that of a licence beside it.
    """

    weights: Mapping[str, float] = MappingProxyType({})
    licence: float = 0.8


def inspect(facts: ApplicationFacts, settings: Settings) -> Iterable[Sign]:
    """One sign for each thing that is wrong with the firm's number, else with the number of its licence."""
    seen = facts.seen
    if seen.id_kind == "business":
        yield from signs(CODE, seen.number, MEANS, settings.weights)
    if seen.id_kind != "business" or not seen.number:
        for sign in signs(CODE, seen.licence, MEANS, settings.weights):
            yield msgspec.structs.replace(sign, weight=sign.weight * settings.licence)


DETECTOR = IdentityDetector(
    code=CODE,
    name="a number that no firm can have",
    version="1",
    about="A unified social credit code or registration number whose form, check characters or office cannot be.",
    settings=Settings(),
    hits=(
        example(id_kind="business", id_number="91330106MA2AXXXXXQ", legal_name="杭州某某贸易有限公司"),
        example(id_kind="business", id_number="杭州某某贸易有限公司", legal_name="杭州某某贸易有限公司"),
        example(licence_number="91330106MA2AXXXXXQ"),
    ),
    misses=(
        example(),
        example(id_kind="business", id_number="91330106MA2AXXXXXP", legal_name="杭州某某贸易有限公司"),
        example(licence_number="JY13301060000001"),
    ),
    inspect=inspect,
)
