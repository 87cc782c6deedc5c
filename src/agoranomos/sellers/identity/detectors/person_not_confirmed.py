"""What the provider of real-person comparison said; silence is said too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from agoranomos.sellers.identity.facts import ApplicationFacts, Verdict
from agoranomos.sellers.identity.signs import IdentityDetector, Means, Sign, Weights, example, signs

CODE = "sellers.person_not_confirmed"
MEANS: Final[Mapping[str, Means]] = {
    "not_checked": Means(
        0.0,
        "Nobody has compared the applicant's face with the document: no provider is set up here.",
        "尚未比对申请人本人与证件：未配置比对服务。",
    ),
    "failed": Means(
        0.0,
        "The provider of real-person comparison was asked and did not answer.",
        "实人比对服务未返回结果。",
    ),
    "unsure": Means(
        1.0,
        "The provider could not say whether the applicant is the person on the document.",
        "比对服务无法确认申请人与证件是否为同一人。",
        "person",
    ),
    "different": Means(
        5.0,
        "The provider says that the applicant is not the person on the document.",
        "比对服务认为申请人与证件不是同一人。",
        "person",
    ),
    "same": Means(
        -2.0,
        "The provider says that the applicant is the person on the document.",
        "比对服务确认申请人与证件为同一人。",
    ),
}


def inspect(facts: ApplicationFacts, settings: Weights) -> Iterable[Sign]:
    """Always one sign: that nobody looked is never passed over."""
    verdict = facts.verdict
    yield from signs(CODE, [verdict.answer], MEANS, settings.weights, provider=verdict.provider, score=verdict.score)


DETECTOR = IdentityDetector(
    code=CODE,
    name="the person behind the document",
    version="1",
    about="Whether a provider has found the applicant to be the person on the document; that nobody was asked is said.",
    settings=Weights(),
    hits=(
        example(),
        example(verdict=Verdict("different", "provider", 0.04)),
        example(verdict=Verdict("same", "provider", 0.99)),
    ),
    misses=(),
    inspect=inspect,
)
