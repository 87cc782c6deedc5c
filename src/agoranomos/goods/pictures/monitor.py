"""The same picture in unrelated stores, as it is told: over a history and live, what the scan says of a catalogue.

A picture is the same by its bytes, by its marks (`engine.pictures`), or, where a listing names a hash instead, by its
hash. Not by its address on the net: nothing is fetched. Whoever shows it first is told as soon as a second one does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from agoranomos.engine.pictures.clusters import TIED
from agoranomos.engine.pictures.index import Index
from agoranomos.engine.pictures.matching import compared
from agoranomos.engine.pictures.signature import Signature
from agoranomos.engine.stream.monitor import Out
from agoranomos.goods.evidence.model import Weight
from agoranomos.goods.evidence.scales import weigh
from agoranomos.goods.listings.fusion import Priors, probability, reason_of
from agoranomos.goods.listings.model import Concern
from agoranomos.goods.pictures.detectors.picture_shared import CODE, DETECTOR, signals_of
from agoranomos.goods.pictures.gallery import Gallery, Showing
from agoranomos.goods.pictures.hashes import Hashes, hash_in
from agoranomos.goods.pictures.model import Elsewhere, Seen
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Subject, finding_id
from agoranomos.kernel.ids import derived

NAME: Final = "goods.pictures"
VERSION: Final = "1"
HEARS: Final = ("brand.registered", "listing.removed", "listing.submitted", "listing.updated", "store.opened")
OTHERS_MAX: Final = 20
"""Listings, and stores, that are named of those that show the same picture."""
TOLD_AT: Final = (2, 3, 5, 10, 20, DETECTOR.settings.common_from)
"""Numbers of sellers at which the others that show a picture are told anew: 60 of them would tell 60 times else."""
_LOOSE_MAX: Final = 64
"""Copies that are compared one by one before they are put into the index, which costs as much as some hundreds."""
_REPORT_LINE: Final = 0.5
_BY_HASH: Final = "phash:"


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen in files, in their order; and the signatures of their contents, as far as they are still kept."""

    look: Callable[[Sequence[str]], Sequence[Seen]]
    signatures: Callable[[Sequence[str]], Mapping[str, Signature]]


class Episode(msgspec.Struct):
    """A finding on a listing that stands: since when, and how often it was told."""

    began_at: str
    revision: int


class _State(msgspec.Struct):
    sellers: dict[str, str] = {}
    gallery: Gallery = msgspec.field(default_factory=Gallery)
    own: dict[str, list[str]] = {}
    """Brand → the hashes of pictures of its own."""
    totals: dict[str, int] = {}
    """Listing → how many pictures it names."""
    episodes: dict[str, Episode] = {}


class PictureMonitor:
    """See `engine.stream.Monitor`. `sight` None: no files are at hand, and hashes alone are compared."""

    def __init__(self, sight: Sight | None) -> None:
        self.name = NAME
        self.version = f"{VERSION}:{DETECTOR.version}:{sight is not None}"
        self.hears = HEARS
        self._sight = sight
        self._known = _State()
        self._begin_anew()

    def foresee(self, events: Sequence[Event]) -> None:
        """Looks when a listing is heard: its pictures have been looked at for its own sake."""

    def due(self) -> datetime | None:
        """Never."""
        return None

    def wake(self, now: datetime, out: Out) -> None:
        """Asks for no alarm."""

    def state(self) -> bytes:
        """Who shows which pictures, and what stands."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)
        self._begin_anew()

    def hear(self, event: Event, out: Out) -> None:
        """A brand, a store, or a listing."""
        data, known = event.data, self._known
        match event.type:
            case "store.opened":
                known.sellers[data["store_id"]] = data["seller_id"]
            case "brand.registered":
                known.own[data["brand_id"]] = [each for each in data.get("reference_pictures", ()) if hash_in(each)]
                self._own = self._own_hashes()
            case "listing.removed":
                self._hide(data["listing_id"])
            case _:
                self._show(event, out)

    def _begin_anew(self) -> None:
        """What is worked out from the state: what copies look like."""
        copies = self._known.gallery.copies
        self._hashes = Hashes((each, value) for each in copies if (value := hash_in(each)) is not None)
        files = [each for each in copies if not each.startswith(_BY_HASH)]
        found = self._sight.signatures(files) if self._sight and files else {}
        self._index = Index.build(found.items())
        self._loose: dict[str, Signature] = {}
        self._own = self._own_hashes()

    def _own_hashes(self) -> Hashes:
        named = [each for hashes in self._known.own.values() for each in hashes]
        return Hashes((each, value) for each in named if (value := hash_in(each)) is not None)

    def _hide(self, listing_id: str) -> None:
        self._known.gallery.hide(listing_id)
        self._known.totals.pop(listing_id, None)
        self._known.episodes.pop(listing_id, None)

    def _over(self, listing_id: str, event: Event, out: Out) -> None:
        """Nobody else shows its pictures any more."""
        if self._known.episodes.pop(listing_id, None) is not None:
            words = "No other, unrelated seller shows its pictures.", "没有其他无关卖家使用这些图片。"
            weigh(out, _weight(Subject("listing", listing_id), 0.0, words, event.time))

    def _show(self, event: Event, out: Out) -> None:
        listing_id, store_id = event.data["listing_id"], event.data["store_id"]
        named: list[str] = list(event.data.get("pictures") or ())
        shown = self._copies(named)
        gallery = self._known.gallery
        if not shown:
            self._over(listing_id, event, out)
            self._hide(listing_id)
            return
        seller = self._known.sellers.get(store_id)
        owner = f"seller:{seller}" if seller else f"store:{store_id}"
        names = {number: self._picture(seen) for number, seen in shown.items()}
        gallery.show(Showing(listing_id, store_id, owner, min(names)), names.values())
        self._known.totals[listing_id] = len(named)
        self._tell(listing_id, {number: (names[number], seen) for number, seen in shown.items()}, event, out)
        for name in dict.fromkeys(names.values()):
            self._tell_others(name, listing_id, event, out)

    def _copies(self, named: Sequence[str]) -> dict[int, Seen]:
        """What can be told apart of the pictures, by number: neither a brand's own nor too plain."""
        found: dict[int, Seen] = {}
        files = []
        for number, given in enumerate(named, start=1):
            if (value := hash_in(given)) is not None:
                if self._own.nearest(value) is None:
                    content = given.strip().lower()
                    found[number] = Seen(path=given, content=content, marks=DETECTOR.settings.marks_min)
            else:
                files.append((number, given))
        if self._sight is not None and files:
            for (number, _), seen in zip(files, self._sight.look([given for _, given in files]), strict=True):
                own = any(one.role == "genuine" for one in seen.resembles)
                if seen.skipped is None and not own and seen.marks >= DETECTOR.settings.marks_min:
                    found[number] = seen
        return dict(sorted(found.items()))

    def _picture(self, seen: Seen) -> str:
        """The picture that a copy is of, which may be a new one."""
        gallery = self._known.gallery
        known = gallery.picture_of(seen.content)
        if known is not None:
            return known
        value = hash_in(seen.content)
        tie = self._tie_of_hash(seen.content, value) if value is not None else self._tie_of_file(seen.content)
        picture = gallery.picture_of(tie[0]) if tie else None
        return gallery.learn(seen.content, picture, tie[1] if tie else 1.0)

    def _tie_of_hash(self, copy: str, value: int) -> tuple[str, float] | None:
        nearest = self._hashes.nearest(value)
        self._hashes.add(copy, value)
        # Hashes of unrelated pictures that near are rare: see docs/quality/pictures.md.
        return None if nearest is None else (nearest[0], TIED if nearest[1] else 1.0)

    def _tie_of_file(self, copy: str) -> tuple[str, float] | None:
        assert self._sight is not None, "files are looked at"
        signature = self._sight.signatures([copy]).get(copy)
        if signature is None:
            return None
        found = [(-match.score, match.name) for match in self._index.search(signature)]
        loose = [compared(signature, other, name) for name, other in self._loose.items()]
        found += [(-match.score, match.name) for match in loose if match is not None]
        self._loose[copy] = signature
        if len(self._loose) == _LOOSE_MAX:
            self._index = self._index.added(self._loose.items())
            self._loose = {}
        best = min((each for each in found if -each[0] >= TIED), default=None)
        return None if best is None else (best[1], -best[0])

    def _tell_others(self, name: str, listing_id: str, event: Event, out: Out) -> None:
        """The others that show the picture, when there are clearly more of them than when they were last told."""
        picture = self._known.gallery.pictures.get(name)
        if picture is None or picture.owners not in TOLD_AT or picture.owners <= picture.told:
            return
        picture.told = picture.owners
        copy = Seen(path="", content=name, marks=DETECTOR.settings.marks_min)
        for other in list(picture.shown.values())[:OTHERS_MAX]:
            if other.listing_id != listing_id:
                self._tell(other.listing_id, {other.number: (name, copy)}, event, out)

    def _tell(self, listing_id: str, shown: Mapping[int, tuple[str, Seen]], event: Event, out: Out) -> None:
        """The finding on a listing, if others show one of its pictures; the weight for the goods with it."""
        found: list[tuple[int, Seen]] = []
        for number, (name, seen) in shown.items():
            elsewhere = self._elsewhere(name, listing_id)
            if elsewhere is not None:
                found.append((number, msgspec.structs.replace(seen, elsewhere=elsewhere)))
        if not found:
            self._over(listing_id, event, out)
            return
        signals = {each.concern: each for each in signals_of(found, self._known.totals[listing_id], DETECTOR.settings)}
        borrowed = signals[Concern.BORROWED]
        subject = Subject("listing", listing_id)
        of_goods = signals[Concern.COUNTERFEIT]
        weigh(out, _weight(subject, of_goods.weight, (of_goods.message, of_goods.message_zh), event.time))
        score = probability(Priors().borrowed + borrowed.weight)
        if score < _REPORT_LINE:
            return
        episode = self._known.episodes.setdefault(listing_id, Episode(rfc3339(event.time), 0))
        episode.revision += 1
        out.say(
            Finding(
                id=finding_id(CODE, subject, episode.began_at), at=rfc3339(event.time), code=CODE, subject=subject,
                score=score, reasons=(reason_of(borrowed),), detector=CODE, version=DETECTOR.version,
                related=borrowed.related, ring_id=borrowed.ring_id, revision=episode.revision, event_ids=(event.id,),
            )
        )  # fmt: skip

    def _elsewhere(self, name: str, listing_id: str) -> Elsewhere | None:
        picture = self._known.gallery.pictures.get(name)
        mine = picture.shown.get(listing_id) if picture else None
        if picture is None or mine is None or picture.owners < 2:
            return None
        others = sorted(
            (each for each in picture.shown.values() if each.owner != mine.owner),
            key=lambda each: (each.listing_id, each.store_id),
        )[:OTHERS_MAX]
        return Elsewhere(
            ring_id=derived("r", "picture", name), owners=picture.owners,
            listings=tuple(each.listing_id for each in others),
            stores=tuple(sorted({each.store_id for each in others})), score=picture.score,
            exact=len(picture.copies) == 1,
        )  # fmt: skip


def _weight(subject: Subject, weight: float, words: tuple[str, str], at: datetime) -> Weight:
    message, message_zh = words
    return Weight(
        subject=subject, source="picture", code=CODE, weight=weight, message=message, message_zh=message_zh, at=at,
        key="shown",
    )  # fmt: skip
