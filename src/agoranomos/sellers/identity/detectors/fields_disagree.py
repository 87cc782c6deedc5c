"""Fields of one application that do not go together: birth dates, the script of the name, the kind of document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from agoranomos.sellers.identity.facts import ApplicationFacts
from agoranomos.sellers.identity.signs import IdentityDetector, Means, Sign, Weights, example, signs

CODE = "sellers.fields_disagree"
MEANS: Final[Mapping[str, Means]] = {
    "birth_differs": Means(
        4.2,
        "The birth date that was typed is not the one in the number {mask}.",
        "填写的出生日期与号码 {mask} 中的出生日期不一致。",
        "birth_date",
    ),
    "birth_date_future": Means(
        4.8, "The birth date that was typed lies after the application.", "填写的出生日期晚于申请日期。", "birth_date"
    ),
    "birth_too_old": Means(
        4.0,
        "By the birth date that was typed, the applicant is older than 120 years.",
        "按填写的出生日期，申请人已超过一百二十岁。",
        "birth_date",
    ),
    "birth_too_young": Means(
        1.5,
        "By the birth date that was typed, the applicant is younger than sixteen.",
        "按填写的出生日期，申请人未满十六周岁。",
        "too_young",
    ),
    "birth_unreadable": Means(
        0.8, "The birth date that was typed is no day.", "填写的出生日期无法识别。", "birth_date"
    ),
    "name_signs": Means(
        3.0,
        "The name holds signs that no name has, such as digits or emoji.",
        "姓名中含有数字、表情等不会出现在姓名中的符号。",
        "name",
    ),
    "name_latin": Means(
        2.0,
        "A resident's card has its name in Chinese characters; this one is in Latin letters.",
        "居民身份证上的姓名为汉字，而填写的姓名为拉丁字母。",
        "name_han",
    ),
    "name_script": Means(
        1.4,
        "A resident's card has its name in Chinese characters; this one mixes scripts.",
        "居民身份证上的姓名为汉字，而填写的姓名混用了其他文字。",
        "name_han",
    ),
    "name_firm": Means(
        1.2,
        "The name reads like that of a firm, but the document is a person's.",
        "填写的姓名像是单位名称，而证件属于个人。",
        "name",
    ),
    "name_no_firm": Means(
        0.8,
        "The code is that of a firm, but the name has no word that firms are called by.",
        "代码属于企业，但名称中没有企业名称常用的字词。",
        "name",
    ),
    "kind_differs": Means(
        0.5,
        "The number {mask} is a resident's, but the document is said to be a passport.",
        "号码 {mask} 是居民号码，而所选证件类型为护照。",
        "kind",
    ),
    "licence_differs": Means(
        1.5,
        "Two numbers of a firm were given, and they are not the same.",
        "所填的两个企业代码不一致。",
        "licence",
    ),
    "region_differs": Means(
        0.2,
        "The number {mask} comes from another province than the region that was typed. Next to nothing: people move.",
        "号码 {mask} 的省份与所填地区不同。几乎不说明问题：人口流动很常见。",
    ),
}


def inspect(facts: ApplicationFacts, settings: Weights) -> Iterable[Sign]:
    """One sign for each disagreement."""
    yield from signs(CODE, facts.seen.agreement, MEANS, settings.weights, mask=facts.seen.number_mask)


DETECTOR = IdentityDetector(
    code=CODE,
    name="fields that do not go together",
    version="1",
    about="A birth date, a name or a kind of document that does not go with the number.",
    settings=Weights(),
    hits=(
        example(birth_date="1990-03-08"),
        example(birth_date="1990-02-30"),
        example(legal_name="Li Wei"),
        example(legal_name="李伟😀"),
        example(id_kind="passport"),
        example(region="广东"),
        example(id_kind="passport", id_number="E12345678", birth_date="1890-01-01"),
        example(id_kind="business", id_number="91330106MA2AXXXXXP", legal_name="李伟"),
    ),
    misses=(
        example(birth_date="1990年3月7日", region="浙江"),
        example(legal_name="阿卜杜热合曼·艾力"),
        example(legal_name="欧阳若曦"),
        example(id_number="810000199408230021", legal_name="CHAN Tai Man"),
        example(id_kind="passport", id_number="E12345678", legal_name="Nguyễn Thị Minh Khai"),
        example(id_kind="business", id_number="92330106MA2AXXXXXL", legal_name="李伟"),
    ),
    inspect=inspect,
)
