"""The publish-time check over a history: every listing is judged as it was submitted, by what was registered then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec
import pyarrow as pa

from agoranomos.engine.stream.monitor import Out
from agoranomos.goods.brands.formats import of_event
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.snapshot import RegistrySnapshot, layered
from agoranomos.goods.evidence.model import LISTED
from agoranomos.goods.evidence.scales import reweigh
from agoranomos.goods.listings.deciding import CHECK, codes_of, decide, owners_of, without
from agoranomos.goods.listings.judge import Verdicts, cleaned, listings_batch
from agoranomos.goods.listings.model import Assessment, Listing
from agoranomos.goods.listings.policy import ListingPolicy
from agoranomos.goods.listings.submitted import listing_of
from agoranomos.goods.listings.weights import weights_of
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.consulting import NO_RULES, Consultant, scores_of, with_rules
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Subject, finding_id
from agoranomos.kernel.ids import derived

NAME: Final = "goods.listings"
_JUDGED: Final = ("listing.submitted", "listing.updated")
_CHANGING: Final = ("brand.registered", "store.opened")
"""After these a listing may be judged otherwise."""
_HEARS: Final = (*_CHANGING, *_JUDGED, "listing.removed")


class BatchJudge(Protocol):
    """Judges many listings at once; see `TextJudge`."""

    def assess_batch(self, batch: pa.RecordBatch, *, at: str | None = None, faint: bool = False) -> Verdicts: ...
    def profile_of(self, listing: Listing) -> str: ...


MakeJudge = Callable[[RegistrySnapshot], BatchJudge]


class Episode(msgspec.Struct):
    """A finding on a listing that stands: since when, and how often it was found again."""

    began_at: str
    revision: int


class _State(msgspec.Struct):
    registered: list[Brand]
    sellers: dict[str, str]
    episodes: dict[str, dict[str, Episode]]


class ListingMonitor:
    """See `engine.stream.Monitor`. `brands` are registered from the start; `lower` gives what lies below brands.

    A judge is made when a listing comes after the registry has changed, which takes seconds; listings in a row are
    judged at once.
    """

    def __init__(
        self,
        make_judge: MakeJudge,
        policy: ListingPolicy,
        *,
        version: str,
        brands: Iterable[Brand] = (),
        rules: Consultant = NO_RULES,
        lower: Callable[[Iterable[Brand]], Iterable[Brand]],
    ) -> None:
        self.name = NAME
        self.version = f"{version}:{policy.version}"
        self.hears = _HEARS
        self._make_judge = make_judge
        self._policy = policy
        self._brands = tuple(brands)
        self._lower = lower
        self._rules = rules
        self._known = _State([], {}, {})
        self._judge: BatchJudge | None = None
        self._coming: list[Event] = []
        self._judged: dict[tuple[str, str], tuple[Listing, Assessment]] = {}

    def foresee(self, events: Sequence[Event]) -> None:
        """The events that come next."""
        self._coming = list(events)[::-1]
        self._judged.clear()

    def hear(self, event: Event, out: Out) -> None:
        """A brand, a store, or a listing."""
        try:
            match event.type:
                case "brand.registered":
                    self._register(of_event(event))
                case "store.opened":
                    self._known.sellers[event.data["store_id"]] = event.data["seller_id"]
                case "listing.removed":
                    self._known.episodes.pop(event.data["listing_id"], None)
                    reweigh(out, Subject("listing", event.data["listing_id"]), LISTED, ())
                case _:
                    self._check(event, out)
        except Invalid as error:
            out.refuse(event, error)

    def due(self) -> datetime | None:
        """Never."""
        return None

    def wake(self, now: datetime, out: Out) -> None:
        """Asks for no alarm."""

    def state(self) -> bytes:
        """The brands registered, who holds which store, and the findings that stand."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)
        self._judge = None
        self._judged.clear()

    def _register(self, brand: Brand) -> None:
        """A brand that was registered before is overwritten; saying the same again changes nothing."""
        others = [each for each in self._known.registered if each.brand_id != brand.brand_id]
        same = len(others) < len(self._known.registered) and brand in self._known.registered
        self._known.registered = [*others, brand]
        if not same:
            self._judge = None
            self._judged.clear()

    def _check(self, event: Event, out: Out) -> None:
        if event.identity not in self._judged:
            self._judge_ahead(event)
        listing, assessment = self._judged.pop(event.identity)
        quiet = self._rules.snoozed(codes_of(assessment), owners_of(listing), event.time)
        counted = without(assessment, quiet)
        self._say_findings(event, listing, self._reported(assessment, counted), out)
        reweigh(out, Subject("listing", listing.listing_id), LISTED, weights_of(listing, counted, event.time))
        decision_id = derived("d", CHECK, event.source, event.id)
        at = rfc3339(event.time)
        decision = decide(assessment, self._policy, decision_id, at, warned_before=False, quiet=quiet)
        out.say(with_rules(decision, self._rules.ask(CHECK, event, scores_of(decision))))

    def _judge_ahead(self, event: Event) -> None:
        """Judges `event` and the listings behind it, as far as the same is known of them."""
        while self._coming and self._coming[-1].identity != event.identity:
            self._coming.pop()
        together = [(event.identity, self._listing(event))]
        for later in reversed(self._coming[:-1]):
            if later.type in _CHANGING:
                break
            if later.type in _JUDGED:
                try:
                    together.append((later.identity, self._listing(later)))
                except Invalid:
                    continue  # refused when it is heard
        assessments = assess_all(self._current_judge(), [listing for _, listing in together])
        for (identity, listing), assessment in zip(together, assessments, strict=True):
            self._judged[identity] = (listing, assessment)

    def _listing(self, event: Event) -> Listing:
        listing = listing_of(event)
        seller = self._known.sellers.get(listing.store_id)
        return cleaned(msgspec.structs.replace(listing, seller_id=seller) if seller else listing)

    def _current_judge(self) -> BatchJudge:
        if self._judge is None:
            brands = [*self._brands, *self._known.registered]
            self._judge = self._make_judge(layered(self._lower(brands), self._brands, self._known.registered))
        return self._judge

    def _reported(self, assessment: Assessment, counted: Assessment) -> Sequence[Finding]:
        """The findings of what counts, where a concern is added up anew only those that still reach the line of the
        report.
        """
        line = self._policy.report_line
        return [each for each in counted.findings if each in assessment.findings or each.score >= line]

    def _say_findings(self, event: Event, listing: Listing, findings: Sequence[Finding], out: Out) -> None:
        """Found again on a changed listing it is the same finding, revised; no longer found, its episode is over."""
        before = self._known.episodes.pop(listing.listing_id, {})
        now: dict[str, Episode] = {}
        for finding in findings:
            episode = before.get(finding.code) or Episode(finding.at, 0)
            episode.revision += 1
            now[finding.code] = episode
            out.say(
                msgspec.structs.replace(
                    finding,
                    id=finding_id(finding.code, Subject("listing", listing.listing_id), episode.began_at),
                    revision=episode.revision,
                    event_ids=(event.id,),
                )
            )
        if now:
            self._known.episodes[listing.listing_id] = now


def assess_all(judge: BatchJudge, listings: Sequence[Listing]) -> list[Assessment]:
    """The assessment of each of `listings`, in their order; all are clean."""
    # Faint signs, too: what is no finding by itself may be one with what else is known of the listing.
    verdicts = judge.assess_batch(listings_batch(listings), faint=True)
    found = dict(zip(verdicts.rows, verdicts.assessments, strict=True))
    return [
        found.get(row)
        or Assessment(
            listing_id=listing.listing_id, store_id=listing.store_id, profile=judge.profile_of(listing), scores={},
            signals=(), findings=(),
        )
        for row, listing in enumerate(listings)
    ]  # fmt: skip
