"""The judge of listings: the same answer for one listing at publish time and for a whole catalogue at night.

A judge is built from the brand registry and the vocabulary; compiled lexicons are cached under their version,
so that only the first start after a change pays for compiling.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from agoranomos.engine import detectors as contract
from agoranomos.engine.arrow import without_pandas
from agoranomos.engine.text import (
    drawn,
    folding,
    folds,
    frequencies,
    lexicon_files,
    loose,
    masking,
    mistyped,
    naming,
    nearby,
    shapes,
    signart,
    sounds,
    summing,
    trie,
    variants,
)
from agoranomos.engine.text import lexicon as lexicons
from agoranomos.engine.text.frequencies import word_arrays
from agoranomos.engine.text.lexicon import Lexicon, compile_lexicon
from agoranomos.engine.text.matching import FIELDS, Hits, Matcher, buffers
from agoranomos.engine.text.repeating import Harmless
from agoranomos.engine.text.words import WordTable
from agoranomos.goods.brands.snapshot import RegistrySnapshot
from agoranomos.goods.listings import bounds, classes, detectors, fusion, phrases, prices
from agoranomos.goods.listings.classes import beside_phrases, class_numbers
from agoranomos.goods.listings.context import ContextReader, Shelf
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.model import Assessment, Concern, Listing, Signal
from agoranomos.goods.listings.noted import Reading
from agoranomos.goods.listings.phrases import (
    bound_phrases,
    brand_phrases,
    context_phrases,
    term_phrases,
)
from agoranomos.goods.listings.policy import detector_codes
from agoranomos.goods.listings.prices import column_in_yuan, in_yuan
from agoranomos.goods.listings.reading import Reader
from agoranomos.goods.listings.restricted import NOTHING_ALLOWED, RestrictedPolicy
from agoranomos.goods.listings.screening import rows_worth_reading
from agoranomos.goods.listings.vocabulary import Vocabulary, kept_vocabulary, shipped_vocabulary
from agoranomos.goods.profiles.model import Chooser, Profiles
from agoranomos.goods.profiles.reading import shipped_profiles
from agoranomos.kernel.money import Money

_BELOW: Final = 1.2
"""How far below the report line the check of one listing still sees: what is known of the seller may add to it."""
EPOCH: Final = "1970-01-01T00:00:00Z"


Remark = Callable[[ListingFacts], Sequence[Signal]]
"""What else is known of a listing than its words, once it is known what these say."""
NO_REMARKS: Final[Mapping[int, Remark]] = {}


class Verdicts(msgspec.Struct, frozen=True):
    """The assessments of a batch, only of rows that were looked at; `rows` are their row numbers."""

    rows: tuple[int, ...]
    assessments: tuple[Assessment, ...]


class TextJudge:
    """Judges listings by their text and price. `version` names registry, vocabulary, detectors and policy."""

    def __init__(
        self,
        snapshot: RegistrySnapshot,
        vocabulary: Vocabulary,
        sieve: Lexicon,
        context: ContextReader,
        words: WordTable,
        *,
        report_line: float,
        priors: fusion.Priors,
        profiles: Profiles,
        restricted: RestrictedPolicy,
        version: str,
    ) -> None:
        self.version = version
        self.report_line = report_line
        self.priors = priors
        self._detectors = contract.discover(detectors)
        self._profiles = profiles
        self._restricted = restricted
        self._choose = Chooser(profiles).choose
        # What a profile raises need not weigh so much before that.
        needed, most = fusion.log_odds(report_line), profiles.times_max
        lines = {concern: (needed - priors.of(concern)) / most - bounds.ROUNDING for concern in Concern}
        self._needed_of_goods = lines[Concern.PROHIBITED]
        self._needed = (lines[Concern.COUNTERFEIT], lines[Concern.DIVERSION])
        self._classes = vocabulary.restricted
        self._matcher, self._near_line = (self._sieve_for(sieve, below) for below in (0.0, _BELOW))
        self._all_hits = Matcher(sieve, bounds.limits((-1.0, -1.0), -1.0, self._classes))
        self._harmless: Harmless | None = None
        self._reader = Reader(snapshot.brands, vocabulary.terms, sieve, words, context, Shelf(vocabulary.categories))

    def _sieve_for(self, sieve: Lexicon, below: float) -> Matcher:
        """A matcher that keeps what may come as near as `below` to the report line (log-odds)."""
        line = (self._needed[0] - below, self._needed[1] - below)
        return Matcher(sieve, bounds.limits(line, self._needed_of_goods - below, self._classes))

    def remember_texts(self, key: bytes) -> None:
        """From now on texts of catalogues that came to nothing are read once (in this one thread; see `Harmless`)."""
        self._harmless = Harmless(key)

    @property
    def detectors(self) -> tuple[contract.AnyDetector, ...]:
        """The detectors in the order of their codes."""
        return self._detectors

    def assess(self, listing: Listing, remark: Remark | None = None) -> Assessment:
        """Everything noticed in one listing, unless it is far below the report line and there is no `remark`."""
        listing = cleaned(listing)
        if remark is not None:
            return self._assess_facts(self.facts([listing])[0], listing.listed_at, remark)
        hits = self._hits_in(self._near_line, listing)
        if not len(hits):
            return self._nothing_in(listing)
        reading = self._reader.interpret([listing], hits, [0])[0]
        if reading.empty:
            return self._nothing_in(listing)
        return self._assess_facts(self._reader.facts([reading])[0], listing.listed_at)

    def glance(self, listing: Listing) -> Assessment | None:
        """The assessment of a listing in which the sieve finds nothing, in tens of microseconds; None where `assess`
        has to look closer.
        """
        listing = cleaned(listing)
        return None if len(self._hits_in(self._near_line, listing)) else self._nothing_in(listing)

    def _hits_in(self, matcher: Matcher, listing: Listing) -> Hits:
        """What `_hits` says of one listing, without columns."""
        texts = (listing.title.encode(), listing.description.encode(), listing.brand.encode())
        return matcher.read_one(*texts, in_yuan(listing.price), self._reader.shelf.stated_by(listing.category))

    def _nothing_in(self, listing: Listing) -> Assessment:
        return Assessment(
            listing_id=listing.listing_id, store_id=listing.store_id, profile=self.profile_of(listing),
            scores={}, signals=(), findings=(),
        )  # fmt: skip

    def explain(self, listing: Listing) -> tuple[ListingFacts, Assessment]:
        """Facts and assessment of one listing however harmless: what was read, and what it came to."""
        facts = self.facts([cleaned(listing)])[0]
        return facts, self._assess_facts(facts, listing.listed_at)

    def facts(self, listings: Sequence[Listing]) -> list[ListingFacts]:
        """Everything that stands in `listings`, however harmless; all are clean."""
        batch = listings_batch(listings)
        hits = self._hits(self._all_hits, batch, *self._weighed_with(batch))
        return list(self._reader.facts(self._reader.interpret(listings, hits, range(len(listings)))))

    def _weighed_with(self, batch: pa.RecordBatch) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint32]]:
        """What counts beside the texts: prices in yuan, and the kinds of goods that the category states (bits)."""
        return column_in_yuan(batch["price_amount"], batch["currency"]), self._reader.shelf.stated(batch["category"])

    @staticmethod
    def _hits(
        matcher: Matcher, batch: pa.RecordBatch, price: npt.NDArray[np.float64], stated: npt.NDArray[np.uint32]
    ) -> Hits:
        return matcher.read(batch["title"], batch["description"], batch["brand"], price, stated)

    def assess_batch(
        self,
        batch: pa.RecordBatch,
        *,
        at: str | None = None,
        faint: bool = False,
        remarks: Mapping[int, Remark] = NO_REMARKS,
    ) -> Verdicts:
        """The assessments of the rows of `batch` (LISTING_SCHEMA) that may reach the report line, in row order, and of
        those that there are `remarks` about, by row.

        `at` dates findings of listings without a `listed_at`. `faint`: as `assess`, which also sees what only
        counts together with what is known from elsewhere; the findings are the same.
        """
        plain = self._by_text(batch, at, remarks, faint=faint)
        if not remarks:
            return plain
        rows = sorted(remarks)
        listings = batch_listings(batch.take(pa.array(rows, pa.int64())))
        found = dict(zip(plain.rows, plain.assessments, strict=True))
        for row, facts in zip(rows, self.facts(listings), strict=True):
            found[row] = self._assess_facts(facts, facts.listing.listed_at or at, remarks[row])
        return Verdicts(tuple(sorted(found)), tuple(found[row] for row in sorted(found)))

    def _by_text(
        self, batch: pa.RecordBatch, at: str | None, without: Mapping[int, Remark], *, faint: bool
    ) -> Verdicts:
        price, stated = self._weighed_with(batch)
        rows = np.setdiff1d(np.arange(batch.num_rows), list(without)) if without else np.arange(batch.num_rows)
        harmless = self._harmless
        if harmless is None or faint:
            return _verdicts(self._read(batch, rows, price, stated, at, _BELOW if faint else 0.0)[0])
        hashes = harmless.hashes((buffers(batch[name])[:2] for name in (*FIELDS, "category")), batch.num_rows)
        found: dict[int, Assessment] = {}
        for some in harmless.in_turns(hashes, price, rows):
            assessed, nothing = self._read(batch, some, price, stated, at, 0.0)
            found |= assessed
            harmless.remember(hashes[nothing], price[nothing])
        return _verdicts(found)

    def _read(
        self, batch: pa.RecordBatch, rows: npt.NDArray[np.int64], price: npt.NDArray[np.float64],
        stated: npt.NDArray[np.uint32], at: str | None, below: float,
    ) -> tuple[dict[int, Assessment], npt.NDArray[np.int64]]:  # fmt: skip
        """The assessments of those of the `rows` of `batch` that may come as near as `below` to the report line; and
        the rows whose texts come to nothing, whatever store offers them.

        price, stated: of all rows.
        """
        matcher = self._near_line if below else self._matcher
        part = batch if len(rows) == batch.num_rows else batch.take(pa.array(rows, pa.int64()))
        hits = self._hits(matcher, part, price[rows], stated[rows])
        worth = rows_worth_reading(part, hits, self._reader.alone, matcher, price[rows], stated[rows])
        nothing = np.ones(len(rows), np.bool_)
        if not worth:
            return {}, rows
        nothing[worth] = False
        listings = batch_listings(part.take(pa.array(worth, pa.int64())))
        kept = []
        for place, reading in zip(worth, self._reader.interpret(listings, hits, worth), strict=True):
            if self._may_matter(reading, below):
                kept.append((int(rows[place]), reading))
            else:
                nothing[place] = all(draft.brand.authorised_store_ids is None for draft in reading.drafts)
        facts = self._reader.facts([reading for _, reading in kept])
        assessed = {
            row: self._assess_facts(one, one.listing.listed_at or at) for (row, _), one in zip(kept, facts, strict=True)
        }
        return assessed, rows[nothing]

    def _may_matter(self, reading: Reading, below: float) -> bool:
        """Whether any context could lift what was read to `below` log-odds under the report line."""
        if reading.empty:
            return False
        listing = reading.listing
        if reading.drafts or reading.terms:
            stated = self._reader.shelf.of_path(listing.category) if listing.category else frozenset()
            accessory = self._reader.shelf.surely_accessory(listing.category)
            of_goods = bounds.prohibited_most(listing, reading.terms, stated, self._classes, accessory=accessory)
            if of_goods >= self._needed_of_goods - below:
                return True
            most = bounds.counterfeit_most(
                listing, reading.drafts, reading.terms, stated, in_yuan(listing.price), admitted=reading.admitted,
                accessory=accessory,
            )  # fmt: skip
            if most >= self._needed[0] - below:
                return True
        needed = self._needed[1] - below
        if bounds.diversion_most(reading.terms, numbers=bool(reading.runs)) < needed:
            return False
        return bounds.diversion_of(listing, reading.terms, reading.runs) >= needed

    def profile_of(self, listing: Listing) -> str:
        """The category profile that applies to `listing`, by its stated category."""
        return self._choose(self._reader.shelf.of_path(listing.category), listing.category)

    def _assess_facts(self, facts: ListingFacts, at: str | None, remark: Remark | None = None) -> Assessment:
        signals: list[Signal] = []
        facts.allowed = self._restricted.allowed(facts.listing.store_id)
        facts.registers = self._restricted.registers
        profile = self._profiles.get(self._profile(facts))
        for detector in self._detectors:
            found = detector.inspect(facts, detector.settings)
            times = profile.times(detector.code)
            signals += [_weighed(one, detector, times) for one in found if times]
        if remark is not None:
            signals += [_by_profile(one, profile.times(one.code)) for one in remark(facts)]
        return fusion.assess(
            facts.listing,
            profile.name,
            signals,
            priors=self.priors,
            report_line=self.report_line,
            at=at or EPOCH,
        )

    def _profile(self, facts: ListingFacts) -> str:
        """By the stated category; else by the kinds that the title names, of which those of the brand come first."""
        if facts.stated or not facts.categories:
            return self.profile_of(facts.listing)
        home = [c for m in facts.claimed for c in m.brand.categories if c in facts.categories]
        return self._choose(frozenset(home[:1]) or facts.categories, facts.listing.category)


def _weighed(signal: Signal, detector: contract.AnyDetector, times: float) -> Signal:
    """`signal` with whose it is, and what it weighs by the category profile."""
    return msgspec.structs.replace(_by_profile(signal, times), detector=detector.code, version=detector.version)


def _by_profile(signal: Signal, times: float) -> Signal:
    """`signal` with what it weighs by the category profile."""
    values = signal.values if times == 1 else {**signal.values, "profile_times": times}
    return msgspec.structs.replace(signal, weight=round(signal.weight * times, 4), values=values)


def build_judge(
    snapshot: RegistrySnapshot,
    *,
    cache: Path | None,
    report_line: float = 0.5,
    priors: fusion.Priors | None = None,
    vocabulary: Vocabulary | None = None,
    profiles: Profiles | None = None,
    restricted: RestrictedPolicy = NOTHING_ALLOWED,
) -> TextJudge:
    """A judge over `snapshot`; compiled lexicons are kept under `cache` (a folder) when one is given. `profiles`: by
    default the shipped ones; `restricted`: who may sell what.
    """
    without_pandas()
    known = profiles or shipped_profiles(detector_codes())
    words = vocabulary or (shipped_vocabulary() if cache is None else kept_vocabulary(cache))
    words = words.asking(restricted.registers)
    around, categories, near = context_phrases(words.cues, words.categories, words.terms, words.beside)
    sieve = _compiled("sieve", snapshot.version + words.version, cache, lambda: compile_lexicon(
        [
            *brand_phrases(snapshot.brands), *term_phrases(words.terms, class_numbers(words.restricted)),
            *bound_phrases(words.cues), *beside_phrases(words.restricted),
        ]
    ))  # fmt: skip
    context = _compiled("context", words.version, cache, lambda: compile_lexicon(around))
    table = _compiled("words", "", cache, lambda: Lexicon(word_arrays()))
    chosen = priors or fusion.Priors()
    versions = [
        snapshot.version,
        words.version,
        repr(chosen),
        f"{report_line:.6f}",
        fusion.FUSION_VERSION,
        known.version,
        restricted.version,
    ]
    versions += [f"{d.code}={d.version}:{_settled(d.settings)}" for d in contract.discover(detectors)]
    version = hashlib.blake2b("\n".join(versions).encode(), digest_size=8).hexdigest()
    return TextJudge(
        snapshot, words, sieve, ContextReader(context, words.cues, categories, near), WordTable(table.arrays),
        report_line=report_line, priors=chosen, profiles=known, restricted=restricted,
        version=version,
    )  # fmt: skip


def _settled(settings: Any) -> str:
    """Settings in a form that is the same in every process (sets have no order of their own)."""
    return msgspec.json.encode(settings, order="sorted", enc_hook=sorted).decode()


def _compiled(name: str, version: str, cache: Path | None, make: Callable[[], Lexicon]) -> Lexicon:
    """What `make` makes, kept under `cache` for the next process."""
    if cache is None:
        return make()
    key = hashlib.blake2b(f"{version}:{lexicons.FORMAT}:{_code_version()}".encode(), digest_size=10).hexdigest()
    folder = cache / "lexicons" / f"{name}-{key}"
    ready = lexicon_files.load(folder)
    if ready is None:
        lexicon_files.save(make(), folder)
        ready = lexicon_files.load(folder)
    assert ready is not None
    return ready


def _code_version() -> str:
    """A hash of the code that makes phrases and folds, so that an upgrade never reads an old lexicon."""
    digest = hashlib.blake2b(digest_size=8)
    modules = (
        drawn, folding, folds, frequencies, loose, masking, mistyped, naming, nearby, prices, shapes, signart, sounds,
        summing, trie, variants, phrases, classes, lexicons,
    )  # fmt: skip
    for module in modules:
        digest.update(Path(module.__file__ or "").read_bytes())
    digest.update(shapes.table_bytes())
    digest.update(repr(sorted(prices.yuan_per_minor_unit().items())).encode())
    return digest.hexdigest()


def _verdicts(found: Mapping[int, Assessment]) -> Verdicts:
    rows = tuple(sorted(found))
    return Verdicts(rows, tuple(found[row] for row in rows))


def listings_batch(listings: Sequence[Listing]) -> pa.RecordBatch:
    """`listings` as columns of LISTING_SCHEMA that the judge reads."""
    return pa.RecordBatch.from_pydict({
        "listing_id": pa.array([one.listing_id for one in listings], pa.string()),
        "store_id": pa.array([one.store_id for one in listings], pa.string()),
        "title": pa.array([one.title for one in listings], pa.string()),
        "price_amount": pa.array([one.price.amount if one.price else None for one in listings], pa.int64()),
        "currency": pa.array([one.price.currency if one.price else None for one in listings], pa.string()),
        "seller_id": pa.array([one.seller_id for one in listings], pa.string()),
        "description": pa.array([one.description for one in listings], pa.string()),
        "brand": pa.array([one.brand for one in listings], pa.string()),
        "category": pa.array([one.category for one in listings], pa.string()),
        "picture_paths": pa.array([list(one.pictures) for one in listings], pa.list_(pa.string())),
        "listed_at": pa.array([one.listed_at for one in listings], pa.string()),
    })  # fmt: skip


def cleaned(listing: Listing) -> Listing:
    """`listing` without lone surrogates, which cannot be written as UTF-8 and stand for nothing."""
    texts = {name: getattr(listing, name) for name in ("title", "description", "brand", "category")}
    mended = {name: text.encode("utf-8", "replace").decode() for name, text in texts.items() if not text.isascii()}
    return msgspec.structs.replace(listing, **mended) if mended else listing


def batch_listings(batch: pa.RecordBatch) -> list[Listing]:
    """The rows of a batch of LISTING_SCHEMA as listings."""
    names = set(batch.schema.names)
    columns: dict[str, Iterable[Any]] = {
        name: batch[name].to_pylist() if name in names else [None] * batch.num_rows
        for name in (
            "listing_id", "store_id", "title", "price_amount", "currency", "seller_id", "description", "brand",
            "category", "picture_paths", "listed_at",
        )
    }  # fmt: skip
    return [
        Listing(
            listing_id=listing_id, store_id=store_id, title=title,
            price=Money(amount, currency) if amount is not None and currency else None,
            seller_id=seller_id, description=description or "", brand=brand or "", category=category or "",
            pictures=tuple(pictures or ()), listed_at=listed_at,
        )
        for (
            listing_id, store_id, title, amount, currency, seller_id, description, brand, category, pictures, listed_at,
        ) in zip(*columns.values(), strict=True)
    ]  # fmt: skip
