"""What appraisers say, as it comes: which listings and stores sell fakes, how surely, and until when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from agoranomos.enforcement.asking import Needs, ask
from agoranomos.engine.stream.monitor import Out
from agoranomos.goods.evidence.model import Weight
from agoranomos.goods.evidence.scales import weigh
from agoranomos.goods.testbuys.policy import Policy
from agoranomos.goods.testbuys.telling import on_listing, on_store
from agoranomos.goods.testbuys.weighing import Specimen, probability, store_weight, weight, weight_of
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.calendar import waking
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Subject

NAME: Final = "goods.testbuys"
_BY: Final = Actor("model", NAME)
VERSION: Final = "2"
REPORT_LINE: Final = 0.5
OVER_LINE: Final = 0.3
"""An episode ends below this; lower than it began, so that it does not flicker."""
KEPT_HALF_LIVES: Final = 8
"""After so many half-lives a verdict weighs less than a hundredth of what it did, and is forgotten."""
EVENTS_MAX: Final = 20
OPPOSITE: Final = {"listing.remove": "listing.restore"}
_SAID: Final = {
    "counterfeit": (
        "An article that a test buyer got was appraised as counterfeit.",
        "神秘购买所得商品经鉴定为假货。",
    ),
    "genuine": ("An article that a test buyer got was appraised as genuine.", "神秘购买所得商品经鉴定为正品。"),
    "inconclusive": (
        "Nobody could tell whether an article that a test buyer got is genuine.",
        "神秘购买所得商品无法鉴定真伪。",
    ),
}


class Listing(msgspec.Struct):
    """What was bought of a listing: articles by the id of the test buy; since when a finding stands."""

    store_id: str
    articles: dict[str, Specimen]
    events: list[str]
    began_at: str = ""
    revision: int = 0


class Store(msgspec.Struct):
    """The listings of a store that something was bought of; since when a finding stands."""

    listings: list[str]
    began_at: str = ""
    revision: int = 0


class _State(msgspec.Struct):
    listings: dict[str, Listing]
    stores: dict[str, Store]
    alarm: datetime | None


class TestBuyMonitor:
    """See `engine.stream.Monitor`. `needs` says which actions wait for a second person."""

    __test__ = False  # what begins with Test is no test here

    def __init__(self, policy: Policy, needs: Needs) -> None:
        self.name = NAME
        self.version = f"{VERSION}:{policy.version}"
        self.hears = ("testbuy.appraised", "case.decided")
        self._policy = policy
        self._needs = needs
        self._known = _State({}, {}, None)

    def foresee(self, events: Sequence[Event]) -> None:
        """A verdict is heard as fast as it is read."""

    def hear(self, event: Event, out: Out) -> None:
        """A verdict, or a case that overturns one."""
        data, known = event.data, self._known
        if event.type == "case.decided":
            if data["outcome"] == "overturned" and data.get("overturns"):
                self._overturned(data["overturns"], event, out)
            return
        if known.alarm is None:
            known.alarm = waking(event.time, timedelta(days=1))
        listing = known.listings.setdefault(data["listing_id"], Listing(data["store_id"], {}, []))
        store = known.stores.setdefault(listing.store_id, Store([]))
        if data["listing_id"] not in store.listings:
            store.listings.append(data["listing_id"])
        article = listing.articles.setdefault(data["testbuy_id"], Specimen(_day(event.time), {}))
        article.day = _day(event.time)
        article.verdicts[data["appraiser_id"]] = data["verdict"]
        listing.events = [*listing.events, event.id][-EVENTS_MAX:]
        self._tell_listing(data["listing_id"], listing, event, out)
        self._tell_store(listing.store_id, store, event, out)
        weigh(out, self._weight(data["listing_id"], listing.store_id, data["testbuy_id"], article, event.time))

    def _overturned(self, testbuy_id: str, event: Event, out: Out) -> None:
        """What was said of an article no longer holds: findings are said again without it, or as over."""
        for listing_id, listing in list(self._known.listings.items()):
            if testbuy_id not in listing.articles:
                continue
            before = self._score(listing, _day(event.time))
            del listing.articles[testbuy_id]
            listing.events = [*listing.events, event.id][-EVENTS_MAX:]
            self._tell_listing(listing_id, listing, event, out)
            self._tell_store(listing.store_id, self._known.stores[listing.store_id], event, out)
            self._lift(listing_id, before, self._score(listing, _day(event.time)), event, out)
            weigh(out, self._nothing(listing_id, listing.store_id, testbuy_id, event.time))

    def _lift(self, listing_id: str, before: float, after: float, event: Event, out: Out) -> None:
        """Takes back the measures on the listing whose line is no longer reached; a store is left to people."""
        for measure in self._policy.measures:
            opposite = OPPOSITE.get(measure.kind)
            if measure.subject == "listing" and opposite and after < measure.score <= before:
                subject, case_id = Subject("listing", listing_id), event.data["case_id"]
                at = rfc3339(event.time)
                out.say(ask(opposite, subject, measure.params, case_id, by=_BY, at=at, needs=self._needs))

    def due(self) -> datetime | None:
        """Once a day while anything is known."""
        return self._known.alarm

    def wake(self, now: datetime, out: Out) -> None:  # noqa: ARG002 - a monitor's signature; what ends is no finding
        """Forgets what is old, and ends findings that no longer hold."""
        known, today = self._known, _day(now)
        weights = self._policy.weights
        for listing_id, listing in list(known.listings.items()):
            listing.articles = {name: each for name, each in listing.articles.items() if not self._old(each, today)}
            if self._score(listing, today) < OVER_LINE:
                listing.began_at, listing.revision = "", 0
            if not listing.articles:
                known.stores[listing.store_id].listings.remove(listing_id)
                del known.listings[listing_id]
        for store_id, store in list(known.stores.items()):
            if probability(weights.prior + store_weight(self._articles(store), today, weights)) < OVER_LINE:
                store.began_at, store.revision = "", 0
            if not store.listings:
                del known.stores[store_id]
        known.alarm = waking(max(now, known.alarm or now), timedelta(days=1)) if known.listings else None

    def state(self) -> bytes:
        """Every article that still weighs something."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)

    def _tell_listing(self, listing_id: str, listing: Listing, event: Event, out: Out) -> None:
        """A finding begins with a counterfeit article; what comes later revises it, up or down."""
        score = self._score(listing, _day(event.time))
        if not listing.began_at and score < REPORT_LINE:
            return
        listing.began_at = listing.began_at or rfc3339(event.time)
        listing.revision += 1
        finding = on_listing(
            listing_id, listing.store_id, listing.articles, score, self._policy.weights, at=rfc3339(event.time),
            today=_day(event.time), began_at=listing.began_at, revision=listing.revision, version=self.version,
            event_ids=listing.events,
        )  # fmt: skip
        self._say(finding, out)

    def _tell_store(self, store_id: str, store: Store, event: Event, out: Out) -> None:
        weights = self._policy.weights
        articles = {name: list(self._known.listings[name].articles.values()) for name in store.listings}
        score = probability(weights.prior + store_weight(articles.values(), _day(event.time), weights))
        if not store.began_at and score < REPORT_LINE:
            return
        store.began_at = store.began_at or rfc3339(event.time)
        store.revision += 1
        finding = on_store(
            store_id, articles, score, at=rfc3339(event.time), began_at=store.began_at, revision=store.revision,
            version=self.version, event_ids=(event.id,),
        )  # fmt: skip
        self._say(finding, out)

    def _say(self, finding: Finding, out: Out) -> None:
        out.say(finding)
        for measure in self._policy.measures:
            if measure.subject == finding.subject.kind and finding.score >= measure.score:
                action = ask(
                    measure.kind, finding.subject, measure.params, finding.id, by=_BY, at=finding.at,
                    needs=self._needs,
                )  # fmt: skip
                out.say(action)

    def _score(self, listing: Listing, today: int) -> float:
        weights = self._policy.weights
        return probability(weights.prior + weight_of(listing.articles.values(), today, weights))

    def _weight(
        self, listing_id: str, store_id: str, testbuy_id: str, article: Specimen, at: datetime
    ) -> Weight:  # fmt: skip
        """What the article says of its listing: for the seller when it is genuine, nothing when nobody can tell."""
        weights = self._policy.weights
        counterfeit = article.verdict == "counterfeit"
        return Weight(
            subject=Subject("listing", listing_id), source="appraisal", code="goods.appraised", key=testbuy_id,
            weight=round(weight(article, article.day, weights), 4), store_id=store_id, at=at,
            message=_SAID[article.verdict][0], message_zh=_SAID[article.verdict][1],
            half_life_days=weights.counterfeit_half_life_days if counterfeit else weights.half_life_days,
        )  # fmt: skip

    def _nothing(self, listing_id: str, store_id: str, testbuy_id: str, at: datetime) -> Weight:
        """Takes back what the article said."""
        return Weight(
            subject=Subject("listing", listing_id), source="appraisal", code="goods.appraised", key=testbuy_id,
            weight=0.0, store_id=store_id, at=at, message="The appraisal was overturned.",
            message_zh="该鉴定结论已被推翻。",
        )  # fmt: skip

    def _articles(self, store: Store) -> Iterable[list[Specimen]]:
        return [list(self._known.listings[name].articles.values()) for name in store.listings]

    def _old(self, article: Specimen, today: int) -> bool:
        weights = self._policy.weights
        counterfeit = article.verdict == "counterfeit"
        half_life = weights.counterfeit_half_life_days if counterfeit else weights.half_life_days
        return today - article.day > KEPT_HALF_LIVES * half_life


def _day(moment: datetime) -> int:
    """Days since 1970, in UTC: ages need no calendar."""
    return int(moment.astimezone(UTC).timestamp() // 86_400)
