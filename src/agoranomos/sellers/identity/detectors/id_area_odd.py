"""An area code that was not in use when the number must have been given out: weak, and it says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from agoranomos.sellers.identity.facts import ApplicationFacts
from agoranomos.sellers.identity.signs import IdentityDetector, Means, Sign, Weights, example, signs

CODE = "sellers.id_area_odd"
MEANS: Final[Mapping[str, Means]] = {
    "area_unknown": Means(
        0.8,
        "The area code of {mask} is not among those known from 1980 to 2021. That proves nothing: lists have gaps, and "
        "new districts are made.",
        "号码 {mask} 的地区代码不在 1980 至 2021 年的已知代码中；名录可能有缺漏，也会新设区划，不能作为证据。",
    ),
    "area_ended": Means(
        1.2,
        "The area code of {mask} was given up years before this number can have been given out. Weak: some offices "
        "went on with old codes.",
        "号码 {mask} 的地区代码在该号码可能签发之前多年已停用。线索较弱：部分机关曾继续使用旧代码。",
    ),
    "area_later": Means(
        2.2,
        "The area code of {mask} came into use after the application.",
        "号码 {mask} 的地区代码在申请之后才启用。",
    ),
}


def inspect(facts: ApplicationFacts, settings: Weights) -> Iterable[Sign]:
    """At most one sign."""
    yield from signs(CODE, facts.seen.number, MEANS, settings.weights, mask=facts.seen.number_mask)


DETECTOR = IdentityDetector(
    code=CODE,
    name="an area code out of its time",
    version="1",
    about="An identity number whose area code was not in use when the number can have been given out.",
    settings=Weights(),
    hits=(example(id_number="330199199003072216"), example(id_number="110201199003077411")),
    misses=(
        example(),
        example(id_number="110104197003077416", region="北京"),
        example(id_number="810000199408230021", legal_name="陳大文"),
    ),
    inspect=inspect,
)
