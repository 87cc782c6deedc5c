"""Reviews as the log tells of them, in whatever order; and what findings say of those who wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding
from agoranomos.reviews.pressure.telling import PRESSURE, removed_under_pressure
from agoranomos.reviews.score.model import Change, Mark, Review
from agoranomos.reviews.score.scoring import EXTORTION, RING, Marks

HEARS: Final = (
    "case.decided", "contact.made", "harassment.reported", "payment.made", "review.deleted", "review.edited",
    "review.posted",
)  # fmt: skip


class Reached(msgspec.Struct, frozen=True):
    """Whom an event reaches: a review, the author of an order's review, or an account's reviews of a store."""

    review_id: str = ""
    order_id: str = ""
    account_id: str = ""
    store_id: str = ""


class Decided(msgspec.Struct, frozen=True):
    """The latest decision of a case about an account or a review: when, and whether it is cleared of what was found."""

    at: datetime
    cleared: bool


Cases = dict[tuple[str, str], Decided]
"""By kind and id of the subject."""


class Memory:
    """Some reviews, by id, by order and by author; and `cases` about them."""

    def __init__(self, reviews: Iterable[Review] = ()) -> None:
        self.reviews: dict[str, Review] = {}
        self._by_order: dict[str, list[Review]] = {}
        self._by_author: dict[str, list[Review]] = {}
        self.cases: Cases = {}
        for each in reviews:
            self.reviews[each.review_id] = each
            self._index(each)

    def hear(self, event: Event) -> None:
        """Takes in an event about reviews that are there, or a new one."""
        data = event.data
        match event.type:
            case "review.posted":
                self._posted(event)
            case "review.edited":
                if data.get("rating") is not None:
                    self._of(data["review_id"]).change(Change(event.time, data["rating"], data["by"] == "author"))
            case "review.deleted":
                self._of(data["review_id"]).change(Change(event.time, 0, data["by"] == "author"))
            case "case.decided":
                self._decided(event)
            case _:
                self._contact(event)

    def _decided(self, event: Event) -> None:
        subject = event.data["subject"]["kind"], event.data["subject"]["id"]
        known = self.cases.get(subject)
        if subject[0] in ("account", "review") and (known is None or known.at <= event.time):
            self.cases[subject] = Decided(event.time, event.data["outcome"] != "upheld")

    def _of(self, review_id: str) -> Review:
        return self.reviews.setdefault(review_id, Review(review_id=review_id))

    def _posted(self, event: Event) -> None:
        data = event.data
        review = self._of(data["review_id"])
        if review.at is None:
            review.store_id, review.author_id, review.rating = data["store_id"], data["author_id"], data["rating"]
            review.order_id, review.listing_id = data.get("order_id") or "", data.get("listing_id") or ""
            review.anonymous, review.at = bool(data.get("anonymous")), event.time
            self._index(review)

    def _index(self, review: Review) -> None:
        self._by_author.setdefault(review.author_id, []).append(review)
        if review.order_id:
            self._by_order.setdefault(review.order_id, []).append(review)

    def _contact(self, event: Event) -> None:
        """What an order is named for is about its review, else about all that the account wrote of the store."""
        meant = reached(event)
        if meant is None:
            return
        if meant.review_id:
            there = [self.reviews[meant.review_id]] if meant.review_id in self.reviews else []
        else:
            there = self._by_order.get(meant.order_id) or self._by_author.get(meant.account_id) or []
        for review in there:
            if review.at is not None and review.at <= event.time and review.store_id == meant.store_id:
                review.contacted(event.time)


def reached(event: Event) -> Reached | None:
    """Whom an event of a store may be about; None for what a store does not do to a buyer."""
    data = event.data
    match event.type:
        case "contact.made" if data["direction"] == "to_buyer":
            return Reached("", data.get("order_id") or "", data.get("account_id") or "", data["store_id"])
        case "harassment.reported":
            return Reached(data.get("review_id") or "", "", data["buyer_id"], data["store_id"])
        case "payment.made" if data.get("from_store_id"):
            return Reached("", "", data["to_account_id"], data["from_store_id"])
        case "review.posted" | "review.edited" | "review.deleted":
            return Reached(review_id=data["review_id"])
        case _:
            return None


def marks_of(found: Iterable[Finding], store_id: str, cases: Mapping[tuple[str, str], Decided] | None = None) -> Marks:
    """What findings say: the newest revision of each stands, unless somebody decided against it since (`cases`)."""
    latest: dict[str, Finding] = {}
    for each in found:
        if each.id not in latest or each.revision >= latest[each.id].revision:
            latest[each.id] = each
    reviews: dict[str, Mark] = {}
    extortionists: dict[str, float] = {}
    pressing, removed = 0.0, frozenset[str]()
    for each in sorted(latest.values(), key=lambda one: (one.score, one.id)):
        if each.status != "live" or _cleared(each, cases or {}):
            continue
        if each.subject.kind == "review" and each.code in (RING, EXTORTION):
            reviews[each.subject.id] = Mark(each.code, each.score)
        elif each.subject.kind == "account" and each.code == EXTORTION:
            extortionists[each.subject.id] = each.score
        elif each.subject.kind == "store" and each.code == PRESSURE and each.subject.id == store_id:
            pressing = each.score
            removed |= {one.review_id for one in removed_under_pressure(each)}
    return Marks(reviews, extortionists, pressing, removed)


def _cleared(finding: Finding, cases: Mapping[tuple[str, str], Decided]) -> bool:
    """Whether its subject, or the account that wrote it, was cleared after it was said."""
    about: list[tuple[str, str]] = [(finding.subject.kind, finding.subject.id)]
    if finding.subject.kind == "review":
        about += [(each.kind, each.id) for each in finding.related if (each.kind, each.role) == ("account", "member")]
    decided = [cases[each] for each in about if each in cases]
    return any(each.cleared and each.at >= parse_rfc3339(finding.at) for each in decided)
