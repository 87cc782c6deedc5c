"""What is said of a review: the decision on posting it, and the actions that hold and show it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from agoranomos.enforcement.asking import Needs, ask
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision, Hit, Outcome, strongest
from agoranomos.kernel.findings import Finding, Reason, Subject, finding_id
from agoranomos.kernel.ids import derived
from agoranomos.reviews.anonymity.naming import WORDS, Span
from agoranomos.reviews.photos.looking import Telling

NAME: Final = "reviews.anonymity"
VERSION: Final = "2"
CHECK: Final = "review"
HELD: Final = "reviews.anonymity_held"
NAMES: Final = "reviews.text_names_author"
PHOTOS: Final = "reviews.photo_tells"
HOLD, RELEASE = "review.hold", "review.release"
BY: Final = Actor("model", NAME)
_NAMES_SCORE: Final = 0.7
_PHOTOS_SCORE: Final = 0.8


def decided(
    review_id: str, event: tuple[str, str], at: datetime, *,
    anonymous: bool, said: Sequence[Span], until: datetime, version: str, photos: Sequence[Telling] = (),
) -> Decision:  # fmt: skip
    """On posting a review: an anonymous one waits until it can be shown; `said` is what its text gives away, `photos`
    those that tell more than is seen in them.
    """
    hits, reasons = [], []
    if anonymous:
        values = {"until": rfc3339(until)}
        hits.append(Hit(HELD, Outcome.HOLD, 1.0, "live", values))
        words = "It is shown, with others, as soon as the store cannot tell who wrote it."
        zh = "为保护您的匿名，该评价将在商家无法推断作者后与其他评价一起展示。"
        reasons.append(Reason(HELD, words, {**values, "message_zh": zh}))
    if anonymous and said:
        hits.append(Hit(NAMES, Outcome.WARN, _NAMES_SCORE, "live", {"kinds": _kinds(said)}))
        reasons.append(_naming(said))
    if photos:
        hits.append(Hit(PHOTOS, Outcome.WARN, _PHOTOS_SCORE, "live", {"photos": [each.place for each in photos]}))
        reasons.append(_of_photos(photos))
    return Decision(
        id=derived("d", CHECK, *event, review_id), at=rfc3339(at), check=CHECK, subject=Subject("review", review_id),
        outcome=strongest(each.outcome for each in hits), score=max((each.score for each in hits), default=0.0),
        reasons=tuple(reasons), hits=tuple(hits), policy_version=version,
        expires_at=rfc3339(until) if anonymous else None,
    )  # fmt: skip


def gives_away(review_id: str, event_id: str, at: datetime, said: Sequence[Span], version: str) -> Finding:
    """The text of an anonymous review says who wrote it."""
    subject = Subject("review", review_id)
    return Finding(
        id=finding_id(NAMES, subject, at), at=rfc3339(at), code=NAMES, subject=subject, score=_NAMES_SCORE,
        reasons=(_naming(said),), detector=NAMES, version=version, event_ids=(event_id,),
    )  # fmt: skip


def photos_tell(
    review_id: str, event_id: str, at: datetime, photos: Sequence[Telling], version: str
) -> Finding:  # fmt: skip
    """Photos of a review were not stripped: whoever loads one knows where, when or with what it was taken."""
    subject = Subject("review", review_id)
    return Finding(
        id=finding_id(PHOTOS, subject, at), at=rfc3339(at), code=PHOTOS, subject=subject, score=_PHOTOS_SCORE,
        reasons=(_of_photos(photos),), detector=PHOTOS, version=version, event_ids=(event_id,),
    )  # fmt: skip


def holding(review_id: str, because: str, at: datetime, until: datetime, needs: Needs) -> Action:
    """Not to be shown yet."""
    params = {"until": rfc3339(until)}
    return ask(HOLD, Subject("review", review_id), params, because, by=BY, at=rfc3339(at), needs=needs)


def releasing(review_id: str, because: str, at: datetime, params: dict[str, Any], needs: Needs) -> Action:
    """To be shown now, in the form of `params`, and counted."""
    return ask(RELEASE, Subject("review", review_id), params, because, by=BY, at=rfc3339(at), needs=needs)


def _kinds(said: Sequence[Span]) -> list[str]:
    return sorted({each.kind for each in said})


def _of_photos(photos: Sequence[Telling]) -> Reason:
    what = sorted({name for each in photos for name in each.what})
    numbers = ", ".join(str(each.place) for each in photos)
    places = [{"photo": each.place, "what": list(each.what)} for each in photos]
    return Reason(
        PHOTOS,
        f"More is in the file than is seen, of photo {numbers} ({', '.join(what)}). Show a copy without it.",
        {
            "photos": places,
            "message_zh": f"{len(photos)} 张照片含有元数据（地点、时间或设备），请展示去除后的副本。",
        },
    )


def _naming(said: Sequence[Span]) -> Reason:
    told = [WORDS[kind] for kind in _kinds(said)]
    places = [{"kind": each.kind, "start": each.start, "end": each.end} for each in said[:20]]
    english = ", ".join(words for words, _ in told)
    chinese = "、".join(words for _, words in told)
    return Reason(
        NAMES,
        f"Your text holds {english}: the store could tell by it who you are. Leave it out, if you do not want that.",
        {"spans": places, "message_zh": f"您的评价中包含{chinese}，商家可能据此认出您；如不愿意，请删去。"},
    )
