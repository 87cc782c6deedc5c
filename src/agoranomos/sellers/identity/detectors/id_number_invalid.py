"""A resident's number that cannot be one: form, check digit, date, age, province."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from agoranomos.sellers.identity.facts import ApplicationFacts
from agoranomos.sellers.identity.signs import IdentityDetector, Means, Sign, Weights, example, signs

CODE = "sellers.id_number_invalid"
MEANS: Final[Mapping[str, Means]] = {
    "form": Means(
        4.2,
        "The number {mask} has the form of no resident's number: eighteen characters, digits and perhaps an X at the "
        "end.",
        "号码 {mask} 不符合公民身份号码的格式：应为十八位，由数字组成，末位可为 X。",
        "number_form",
    ),
    "check": Means(
        4.6,
        "The check character of {mask} does not fit the other seventeen: at least one of them is not what an office "
        "gave out. A slip in typing does the same.",
        "号码 {mask} 的校验码与前十七位不符：至少有一位不是签发的号码；也可能是录入错误。",
        "number_wrong",
    ),
    "date_impossible": Means(
        5.4,
        "The birth date in {mask} is a day that no calendar has.",
        "号码 {mask} 中的出生日期并不存在。",
        "number_wrong",
    ),
    "date_future": Means(
        5.4,
        "The birth date in {mask} lies after the application.",
        "号码 {mask} 中的出生日期晚于申请日期。",
        "number_wrong",
    ),
    "too_old": Means(
        4.2,
        "By {mask} the applicant would be older than 120 years.",
        "按号码 {mask}，申请人已超过一百二十岁。",
        "number_wrong",
    ),
    "too_young": Means(
        1.5,
        "By {mask} the applicant is younger than sixteen and cannot sell on his own account.",
        "按号码 {mask}，申请人未满十六周岁，不能独立开店。",
        "too_young",
    ),
    "province_unknown": Means(
        5.0,
        "No province has the code at the beginning of {mask}.",
        "号码 {mask} 开头的省级代码不存在。",
        "number_wrong",
    ),
    "sequence": Means(
        1.2,
        "The sequence in {mask} is 000, which offices do not give out.",
        "号码 {mask} 的顺序码为 000，一般不会签发。",
    ),
    "old_form": Means(
        0.6,
        "The number {mask} is of the old form of fifteen characters; such documents have not been valid since 2013, or "
        "are replaced.",
        "号码 {mask} 为旧式十五位号码，相应证件自 2013 年起失效或已换发。",
        "number_old",
    ),
}


def inspect(facts: ApplicationFacts, settings: Weights) -> Iterable[Sign]:
    """One sign for each thing that is wrong."""
    seen = facts.seen
    if seen.id_kind == "cn_resident" or seen.number_kind in {"resident", "old_resident"}:
        yield from signs(CODE, seen.number, MEANS, settings.weights, mask=seen.number_mask)


DETECTOR = IdentityDetector(
    code=CODE,
    name="a number that no resident can have",
    version="1",
    about="A resident's identity number whose form, check digit, birth date, age or province cannot be.",
    settings=Weights(),
    hits=(
        example(id_number="330106199003072213"),
        example(id_number="330106199002302215"),
        example(id_number="3301061990030722"),
        example(id_number="😀😀😀"),
        example(id_number="330106900307221"),
        example(id_number="990106199003072215"),
        example(id_number="33010618870307221X"),
    ),
    misses=(
        example(),
        example(id_number="３３０１０６１９９００３０７２２１２"),
        example(id_number="110101 19900307 7416", legal_name="阿卜杜拉·买买提", region="北京"),
        example(id_number="810000199408230021", legal_name="陳大文"),
        example(id_kind="passport", id_number="E12345678", legal_name="Anna Müller"),
    ),
    inspect=inspect,
)
