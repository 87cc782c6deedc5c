"""The verbs of pictures with everything that they need: what commands, the check, the scan and replays share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from agoranomos.engine.pictures.guard import Guard
from agoranomos.engine.pictures.words import Tesseract
from agoranomos.engine.scan.sources import Source as ListingSource
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.snapshot import RegistrySnapshot
from agoranomos.goods.listings.catalogue import CatalogueJudge
from agoranomos.goods.listings.engines import Engine
from agoranomos.goods.listings.judge import TextJudge
from agoranomos.goods.pictures import queries
from agoranomos.goods.pictures.brands import with_brands
from agoranomos.goods.pictures.eyes import Caches, Eyes
from agoranomos.goods.pictures.hashes import hash_in
from agoranomos.goods.pictures.judge import SECONDS_MAX, Attending, SeeingJudge
from agoranomos.goods.pictures.monitor import Sight
from agoranomos.goods.pictures.references import References, Source, current
from agoranomos.goods.pictures.scanning import Catalogue, Looked, look, scratch
from agoranomos.kernel.store import Store


@dataclass(frozen=True, slots=True)
class PictureService:
    """Known pictures of `store`, their index under `home`, and what was found before under `cache`."""

    store: Store
    home: Path
    cache: Path
    now: Callable[[], datetime]

    def caches(self) -> Caches:
        """Where what was found in pictures is kept; nights are numbered by the day."""
        return Caches(self.cache / "pictures", self.now().toordinal())

    def references(self) -> References:
        """The known pictures as the store has them now; the index in the home folder is brought up to date."""
        folder = self.home / "pictures"
        with self.store.reading() as connection:
            source = Source(queries.state(connection), queries.references(connection))
            found = current(folder, source)
            if not isinstance(found, References):
                found = current(folder, source, queries.packed_after(connection, found))
        assert isinstance(found, References), "what was lacking was given"
        return found

    @contextmanager
    def looking(
        self, sources: Sequence[ListingSource], words: CatalogueJudge, root: Path, out: Path, *,
        brands: Iterable[Brand], engine: Engine, words_seconds_max: float, tell: Callable[[str], None],
    ) -> Iterator[Looked]:  # fmt: skip
        """Looks at the pictures of a catalogue; within this block its judges know what was seen."""
        caches, registered = self.caches(), list(brands)
        own_hashes = [each for brand in registered for each in brand.reference_pictures if hash_in(each) is not None]
        with scratch(out) as folder:
            with caches.signatures() as signatures, Guard() as guard:
                beside = with_brands(self.references(), registered, root, signatures, guard)
            beside.references.save(folder / "references")
            catalogue = Catalogue(
                sources, root, folder / "references", beside.hash, beside.absent, caches, engine, Tesseract(),
                words_seconds_max, own_hashes,
            )  # fmt: skip
            yield look(catalogue, words, folder, tell)
            caches.tidy()

    def at_publishing(self, judge: TextJudge, snapshot: RegistrySnapshot, root: Path) -> SeeingJudge:
        """`judge` with eyes, for single listings that somebody waits for; pictures that become known are seen soon."""

        def renew(eyes: Eyes) -> None:
            with self.store.reading() as connection:
                newest = queries.state(connection)
            if newest != eyes.state:
                eyes.know(self.references(), snapshot.brands)

        attending = Attending(partial(self._eyes, root, snapshot.brands, seconds_max=SECONDS_MAX), renew=renew)
        attending.show(lambda eyes: eyes.ready())  # before the first listing comes, which has little time
        return SeeingJudge(judge, attending.look, snapshot.by_id, attending.version, attending.close)

    def over_history(self, root: Path) -> Callable[[TextJudge, RegistrySnapshot], SeeingJudge]:
        """Gives judges eyes, which they share; the newest registry counts. No picture is left out for want of time."""
        attending = Attending(partial(self._eyes, root, ()), seconds_max=None)

        def seeing(judge: TextJudge, snapshot: RegistrySnapshot) -> SeeingJudge:
            attending.show(lambda eyes: eyes.know(self.references(), snapshot.brands))
            return SeeingJudge(judge, attending.look, snapshot.by_id, attending.version, attending.close)

        return seeing

    def sight(self, root: Path) -> Sight:
        """Eyes for the monitor of shared pictures; what others have looked at costs it next to nothing."""
        attending = Attending(partial(self._eyes, root, ()), seconds_max=None)
        return Sight(attending.look, attending.signatures)

    def of_history(self, root: Path) -> tuple[Callable[[TextJudge, RegistrySnapshot], SeeingJudge], Sight]:
        """What a desk that hears a history sees with: its judges, and its monitor of shared pictures."""
        return self.over_history(root), self.sight(root)

    def _eyes(self, root: Path, brands: Iterable[Brand], *, seconds_max: float | None = None) -> Eyes:
        guard = Guard() if seconds_max is None else Guard(seconds_max=seconds_max)
        eyes = Eyes(root, References(()), self.caches(), guard=guard)
        eyes.know(self.references(), brands)
        return eyes
