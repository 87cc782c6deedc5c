"""The findings that say what test buys came to: on a listing, and on its store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from agoranomos.goods.testbuys.policy import Weights
from agoranomos.goods.testbuys.weighing import Specimen, weight
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id

ON_LISTING: Final = "goods.testbuy_counterfeit"
ON_STORE: Final = "goods.testbuys_of_store"
REASONS_MAX: Final = 20
MEMBERS_MAX: Final = 20
_SAID: Final = {
    "counterfeit": ("{} appraised this article as counterfeit.", "{}鉴定该商品为假货。"),
    "genuine": ("{} appraised this article as genuine.", "{}鉴定该商品为正品。"),
    "inconclusive": ("{} could not tell whether this article is genuine.", "{}无法判断该商品真伪。"),
}


_NOTHING_LEFT: Final = Reason(
    "goods.appraisal_overturned", "The appraisal was overturned; nothing is left that speaks of a fake.",
    {"message_zh": "鉴定结论已被推翻，没有其他证据表明该商品为假货。"},
)  # fmt: skip


def on_listing(
    listing_id: str, store_id: str, specimens: Mapping[str, Specimen], score: float, settings: Weights,
    *, at: str, today: int, began_at: str, revision: int, version: str, event_ids: Sequence[str],
) -> Finding:  # fmt: skip
    """The finding on a listing of which a counterfeit article was bought."""
    subject = Subject("listing", listing_id)
    latest = sorted(specimens.items(), key=lambda item: (-item[1].day, item[0]))[:REASONS_MAX]
    return Finding(
        id=finding_id(ON_LISTING, subject, began_at),
        at=at,
        code=ON_LISTING,
        subject=subject,
        score=score,
        reasons=tuple(_article(name, each, today, settings) for name, each in latest) or (_NOTHING_LEFT,),
        detector=ON_LISTING,
        version=version,
        related=(Related("store", store_id, "tie"),),
        revision=revision,
        event_ids=tuple(event_ids),
    )


def on_store(
    store_id: str, listings: Mapping[str, Sequence[Specimen]], score: float,
    *, at: str, began_at: str, revision: int, version: str, event_ids: Sequence[str],
) -> Finding:  # fmt: skip
    """The finding on a store several of whose listings sent counterfeit articles."""
    subject = Subject("store", store_id)
    guilty = sorted(name for name, articles in listings.items() if _any(articles, "counterfeit"))
    genuine = sum(each.verdict == "genuine" for articles in listings.values() for each in articles)
    values: dict[str, Any] = {
        "listings_counterfeit": len(guilty), "articles_genuine": genuine,
        "message_zh": f"该店铺有 {len(guilty)} 件商品经购买鉴定为假货，另有 {genuine} 件为正品。",
    }  # fmt: skip
    words = f"{len(guilty)} listings of this store sent counterfeit articles to test buyers; {genuine} were genuine."
    return Finding(
        id=finding_id(ON_STORE, subject, began_at),
        at=at,
        code=ON_STORE,
        subject=subject,
        score=score,
        reasons=(Reason(ON_STORE, words, values),),
        detector=ON_STORE,
        version=version,
        related=tuple(Related("listing", name, "member") for name in guilty[:MEMBERS_MAX]),
        revision=revision,
        event_ids=tuple(event_ids),
    )


def _any(articles: Sequence[Specimen], verdict: str) -> bool:
    return any(each.verdict == verdict for each in articles)


def _article(name: str, specimen: Specimen, today: int, settings: Weights) -> Reason:
    verdict, voices = specimen.verdict, specimen.voices
    who, who_zh = ("An appraiser", "一名鉴定人") if voices == 1 else (f"{voices} appraisers", f"{voices} 名鉴定人")
    words, words_zh = _SAID[verdict]
    if verdict == "inconclusive" and len(set(specimen.verdicts.values())) > 1:
        words, words_zh = "Appraisers disagree about this article.", "鉴定人对该商品意见不一。"
    values = {
        "testbuy_id": name, "verdict": verdict, "appraisers": dict(sorted(specimen.verdicts.items())),
        "weight": round(weight(specimen, today, settings), 3), "message_zh": words_zh.format(who_zh),
    }  # fmt: skip
    return Reason(f"goods.appraised_{verdict}", words.format(who), values)
