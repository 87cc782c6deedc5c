"""Both scores of a store: a pure function of its reviews, and of what is known of who wrote them.

What was removed beyond what is removed anyway counts on in parts. Of `hits` bad reviews that ended among `of` it is
first asked how likely the store presses at all (its rate then is any, else the base rate), then how many would have
ended anyway: `of` times the base rate. So one apology that a buyer accepted moves next to nothing, and ten endings of
twelve count nearly whole. A review that was bought or extorted weighs what is left of it; who extorted gains nothing by
taking it back, and a store that bought praise nothing by it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from agoranomos.kernel.calendar import after, begins, day_of
from agoranomos.reviews.score.model import Because, Mark, Review, Scores, Stars
from agoranomos.reviews.score.policy import Policy

RING, EXTORTION = "reviews.bought_praise", "reviews.extortion"
AFTER_CONTACT: Final = "reviews.removed_after_contact"
BY_ITSELF: Final = "reviews.removed_beyond_usual"
_WORDS: Final = {
    AFTER_CONTACT: (
        "{n} bad reviews ended within days of a contact by the store; beyond what ends anyway they count on.",
        "{n} 条差评在商家联系后数日内被删除或改高，超出正常比例的部分继续计入。",
    ),
    BY_ITSELF: (
        "{n} bad reviews ended without a contact that was seen; beyond what ends anyway they count on.",
        "{n} 条差评在未见联系记录的情况下被删除或改高，超出正常比例的部分继续计入。",
    ),
    RING: ("{n} reviews were written by a ring that praises together.", "{n} 条评价由刷好评团伙发布。"),
    EXTORTION: ("{n} reviews were posted to be paid for.", "{n} 条评价系以索取好处为目的发布。"),
}


class Marks(NamedTuple):
    """What findings say: of reviews, of accounts that extort, how likely the store presses its reviewers, and which
    reviews were taken back under its pressure.
    """

    reviews: Mapping[str, Mark] = {}
    extortionists: Mapping[str, float] = {}
    pressing: float = 0.0
    removed: frozenset[str] = frozenset()


class _Standing(NamedTuple):
    """A review as of a moment: its stars now (0: gone), those it had before its author took them back (0: he did not),
    whether that was after a contact, whether its author was contacted at all, and how much of it is genuine.
    """

    review: Review
    now: int
    before: int
    after_contact: bool
    contacted: bool
    genuine: float
    code: str


def scored(
    store_id: str, reviews: Iterable[Review], marks: Marks, policy: Policy, as_of: datetime,
    listing_id: str | None = None,
) -> Scores:  # fmt: skip
    """The scores. Of a listing only reviews under a name count: which goods an anonymous one is about, is not told.

    How much of what was removed counts on is always reckoned over the whole store.
    """
    standing = [each for review in reviews if (each := _as_of(review, marks, policy, as_of)) is not None]
    shares = {
        AFTER_CONTACT: _share(standing, policy.base_after_contact, policy, marks.pressing, contacted=True),
        BY_ITSELF: _share(standing, policy.base_by_itself, policy, 0.0, contacted=False),
    }
    meant = [each for each in standing if listing_id is None or _of_listing(each.review, listing_id)]
    visible = _mean(meant, lambda each: [(each.now, 1.0)])
    everything = frozenset(_WORDS)
    return Scores(
        store_id=store_id, listing_id=listing_id, as_of=as_of, visible=visible,
        honest=_mean(meant, lambda each: _counted(each, shares, everything)),
        reasons=tuple(_because(meant, shares, visible)), version=policy.version,
    )  # fmt: skip


def pressed(hits: int, of: int, base: float, prior: float) -> float:
    """How likely a store presses of which `hits` of `of` bad reviews ended: at any rate if it does, else at `base`."""
    if hits <= of * base:
        return 0.0
    log_chance = (
        math.lgamma(of + 1) - math.lgamma(hits + 1) - math.lgamma(of - hits + 1)
        + hits * math.log(base) + (of - hits) * math.log1p(-base)
    )  # fmt: skip
    pressing = prior / (of + 1)
    return pressing / (pressing + (1.0 - prior) * math.exp(log_chance))


def _as_of(review: Review, marks: Marks, policy: Policy, as_of: datetime) -> _Standing | None:
    """The review as it stood then; None when it did not count yet, or the platform removed it."""
    if review.at is None or _counts_from(review, policy) > as_of:
        return None
    now, before, ended = review.rating, 0, review.at
    for change in review.changes:
        if change.at > as_of or change.at < review.at:
            continue
        if not change.author:
            if change.rating == 0:
                return None
            now = change.rating
            continue
        if 0 < now <= policy.rating_max and (change.rating == 0 or change.rating > now):
            before, ended = min(before or now, now), change.at
        elif 0 < change.rating <= policy.rating_max:
            before = 0
        now = change.rating
    near = timedelta(hours=policy.hours_max)
    contacts = [each for each in review.contacts if review.at <= each <= (ended if before else as_of)]
    mark = _mark(review, marks, policy, before or now)
    told = bool(before) and review.review_id in marks.removed
    return _Standing(
        review, now, before, told or any(after(ended, -near) <= each <= ended for each in contacts),
        told or bool(contacts), 1.0 - mark.score, mark.code,
    )  # fmt: skip


def _counts_from(review: Review, policy: Policy) -> datetime:
    """An anonymous review counts from when it is shown at the latest: a score that moved before would tell of it."""
    assert review.at is not None
    if not review.anonymous:
        return review.at
    held = after(review.at, timedelta(days=policy.hold_days))
    tick = after(begins(day_of(held)), timedelta(hours=policy.hour))
    return tick if tick >= held else after(tick, timedelta(days=1))


def _mark(review: Review, marks: Marks, policy: Policy, rating: int) -> Mark:
    own = marks.reviews.get(review.review_id)
    if own is not None:
        return own
    extorts = marks.extortionists.get(review.author_id, 0.0)
    return Mark(EXTORTION, extorts) if extorts and 0 < rating <= policy.rating_max else Mark("", 0.0)


def _share(
    standing: Collection[_Standing], base: float, policy: Policy, said: float, *, contacted: bool
) -> tuple[float, int, int]:
    """Of the genuine bad reviews whose authors were contacted (or not): which part of those that ended counts on, how
    many ended, and how many there were. `said`: how likely the store presses, as somebody else found.
    """
    bad = [
        each for each in standing
        if each.contacted == contacted and (each.before or 0 < each.now <= policy.rating_max) and each.genuine > 0.5
    ]  # fmt: skip
    hits = sum(1 for each in bad if each.before and each.after_contact == contacted)
    if not hits:
        return 0.0, 0, len(bad)
    beyond = max(0.0, 1.0 - base * len(bad) / hits)
    return max(said, pressed(hits, len(bad), base, policy.pressing)) * beyond, hits, len(bad)


def _counted(
    each: _Standing, shares: Mapping[str, tuple[float, int, int]], codes: Collection[str]
) -> list[tuple[int, float]]:  # fmt: skip
    """(stars, weight) of a review, as far as reasons of `codes` are taken into account."""
    genuine = each.genuine if each.code in codes else 1.0
    if not each.before:
        return [(each.now, genuine)] if each.now else []
    code = _ended_as(each)
    # Who extorted, and a ring, gain nothing by taking it back: what is left of it is what counts on.
    share = shares[code][0] * each.genuine if code in codes else 0.0
    rest = [(each.now, genuine * (1.0 - share))] if each.now else []
    return [(each.before, share), *rest]


def _ended_as(each: _Standing) -> str:
    return AFTER_CONTACT if each.contacted and each.after_contact else BY_ITSELF


def _because(
    meant: Collection[_Standing], shares: Mapping[str, tuple[float, int, int]], visible: Stars
) -> Iterable[Because]:  # fmt: skip
    for code, (english, chinese) in _WORDS.items():
        if code in shares:
            touched = [each for each in meant if each.before and _ended_as(each) == code and each.genuine > 0.5]
            weight = shares[code][0] * len(touched)
            figures = {"ended": shares[code][1], "of": shares[code][2], "each_counts": round(shares[code][0], 4)}
        else:
            touched = [each for each in meant if each.code == code and (each.now or each.before)]
            weight = sum(each.genuine for each in touched)
            figures = {}
        if not touched or (code in shares and weight < 0.005):
            continue
        alone = _mean(meant, lambda each, code=code: _counted(each, shares, (code,)))  # type: ignore[misc]
        yield Because(
            code, english.format(n=len(touched)), chinese.format(n=len(touched)), len(touched), round(weight, 2),
            alone.mean_hundredths - visible.mean_hundredths, figures,
        )  # fmt: skip


def _of_listing(review: Review, listing_id: str) -> bool:
    return review.listing_id == listing_id and not review.anonymous


def _mean(
    meant: Iterable[_Standing], counted: Callable[[_Standing], Iterable[tuple[int, float]]]
) -> Stars:  # fmt: skip
    count = total = 0.0
    for each in meant:
        for stars, weight in counted(each):
            if stars:
                count += weight
                total += stars * weight
    return Stars(round(count, 2), round(100 * total / count) if count > 1e-9 else 0)
