"""The judge of listings with eyes: one listing at publish time, or a history, by words and pictures alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Final

import pyarrow as pa

from agoranomos.engine.pictures.signature import Signature
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.judge import TextJudge, Verdicts
from agoranomos.goods.listings.model import Assessment, Listing
from agoranomos.goods.pictures.eyes import Eyes
from agoranomos.goods.pictures.model import Seen
from agoranomos.goods.pictures.remarks import Remarks

SECONDS_MAX: Final = 2.0
"""Wall time for the pictures of one listing at publish time; pictures not begun by then are not looked at, and that
is said."""

Look = Callable[[Sequence[str]], Sequence[Seen]]
"""What is seen in pictures, in their order."""


class SeeingJudge:
    """Judges listings by words and pictures; see `TextJudge`. `version_of` names the known pictures."""

    def __init__(
        self,
        judge: TextJudge,
        look: Look,
        brands: Mapping[str, Brand],
        version_of: Callable[[], str],
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._judge = judge
        self._look = look
        self._remarks = Remarks(judge, brands)
        self._version_of = version_of
        self._close = close

    def close(self) -> None:
        """Closes the eyes; they open again when there is something to look at."""
        self._close()

    @property
    def version(self) -> str:
        """The version of the judge of words, and of the known pictures."""
        return f"{self._judge.version}+{self._version_of()}"

    def assess(self, listing: Listing) -> Assessment:
        """Everything noticed in one listing, and which of its pictures were not looked at."""
        if not listing.pictures:
            return self._judge.assess(listing)
        return self._judge.assess(listing, self._remarks.on(self._look(listing.pictures), unseen_too=True))

    def glance(self, listing: Listing) -> Assessment | None:
        """See `TextJudge.glance`; pictures take longer than a glance."""
        return None if listing.pictures else self._judge.glance(listing)

    def assess_batch(self, batch: pa.RecordBatch, *, at: str | None = None, faint: bool = False) -> Verdicts:
        """See `TextJudge.assess_batch`."""
        named: list[list[str]] = batch["picture_paths"].to_pylist()
        seen = iter(self._look([path for paths in named for path in paths]))
        remarks = {}
        for row, paths in enumerate(named):
            remark = self._remarks.on([next(seen) for _ in paths], unseen_too=True)
            if remark is not None:
                remarks[row] = remark
        return self._judge.assess_batch(batch, at=at, faint=faint, remarks=remarks)

    def profile_of(self, listing: Listing) -> str:
        """See `TextJudge.profile_of`."""
        return self._judge.profile_of(listing)


class Attending:
    """Eyes for many threads: they ask, one thread looks. `renew` shows the eyes what is known by now; it is called at
    most every `renew_s` seconds."""

    def __init__(
        self,
        make: Callable[[], Eyes],
        *,
        renew: Callable[[Eyes], None] | None = None,
        renew_s: float = 30.0,
        seconds_max: float | None = SECONDS_MAX,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._make = make
        self._renew = renew
        self._renew_s = renew_s
        self._seconds_max = seconds_max
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "pictures")
        self._eyes: Eyes | None = None
        self._renewed_at = 0.0

    def look(self, paths: Sequence[str]) -> Sequence[Seen]:
        """See `Look`; waits for its turn, which counts."""
        until = None if self._seconds_max is None else self._clock() + self._seconds_max
        return self._thread.submit(self._looked, paths, until).result()

    def show(self, known: Callable[[Eyes], None]) -> None:
        """Has `known` show the eyes what is known from now on."""
        self._thread.submit(lambda: known(self._opened())).result()

    def signatures(self, contents: Sequence[str]) -> Mapping[str, Signature]:
        """The signatures of contents that were looked at, as far as they are still kept."""
        return self._thread.submit(lambda: self._opened().signatures(contents)).result()

    def version(self) -> str:
        """Names the known pictures."""
        return self._thread.submit(lambda: self._opened().version).result()

    def close(self) -> None:
        """Closes the eyes; they open again when somebody looks."""
        self._thread.submit(self._shut).result()

    def _looked(self, paths: Sequence[str], until: float | None) -> tuple[Seen, ...]:
        return self._opened().look(paths, until).seen

    def _opened(self) -> Eyes:
        now = self._clock()
        if self._eyes is None:
            self._eyes = self._make()
            self._renewed_at = now
        elif self._renew is not None and now - self._renewed_at >= self._renew_s:
            self._renew(self._eyes)
            self._renewed_at = now
        return self._eyes

    def _shut(self) -> None:
        if self._eyes is not None:
            self._eyes.close()
            self._eyes = None
