"""Puts everything together; the only place that knows which clock, store, judge and policy are the real ones."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from pathlib import Path

from litestar import Litestar

from agoranomos.engine.market.plots import Plot
from agoranomos.engine.market.plots.returning_seller import ReturningSeller
from agoranomos.engine.market.plots.top_up_glitch import TopUpGlitch
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.snapshot import RegistrySnapshot, load_snapshot
from agoranomos.goods.listings.app import create_app
from agoranomos.goods.listings.catalogue import CatalogueJudge, prepare
from agoranomos.goods.listings.judge import TextJudge, build_judge
from agoranomos.goods.listings.policy import ListingPolicy, load_policy
from agoranomos.kernel.clock import Clock, rfc3339, system_clock
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.store import Store, open_store


class Wiring:
    """One running system. `home` is the folder of the embedded store and caches, `database_url` the store's
    address (None: SQLite under `home`), `policy_file` the listing policy (None: the shipped one), `cache` the folder
    of what can be made again (None: under `home`)."""

    def __init__(
        self,
        home: Path,
        *,
        database_url: str | None = None,
        policy_file: Path | None = None,
        cache: Path | None = None,
        clock: Clock = system_clock,
    ) -> None:
        self._home = home
        self._url = database_url
        self._policy_file = policy_file
        self._cache = cache
        self.clock = clock

    @property
    def home(self) -> Path:
        """The folder of the embedded store, registry and caches; made when it is missing."""
        try:
            self._home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Invalid(
                f"the folder {self._home} cannot be made ({error.strerror}); set AGORA_HOME to one that can"
            ) from error
        return self._home

    @property
    def cache(self) -> Path:
        """The folder of what can be made again at any time."""
        return self._cache or self.home / "cache"

    def now(self) -> datetime:
        """The current moment, by the wired clock."""
        return self.clock()

    def store(self) -> Store:
        """The store; the embedded one is brought to the newest schema by itself."""
        return self._store

    @cached_property
    def _store(self) -> Store:
        return open_store(self._url or f"sqlite:///{self.home}/agoranomos.sqlite3")

    @cached_property
    def policy(self) -> ListingPolicy:
        return load_policy(self._policy_file)

    def snapshot(self, extra: Iterable[Brand] = ()) -> RegistrySnapshot:
        """The brand registry: seed, store, and `extra` on top."""
        with self.store().reading() as connection:
            return load_snapshot(connection, extra)

    def judge(self, extra: Iterable[Brand] = ()) -> TextJudge:
        """The judge of single listings."""
        return build_judge(self.snapshot(extra), cache=self.cache, report_line=self.policy.report_line)

    def catalogue_judge(self, extra: Iterable[Brand] = (), at: str | None = None) -> CatalogueJudge:
        """The judge of whole catalogues, compiled and ready for worker processes."""
        return prepare(
            self.snapshot(extra),
            cache=self.cache,
            report_line=self.policy.report_line,
            at=at or rfc3339(self.now()),
        )

    def plots(self) -> tuple[Plot, ...]:
        """What can be planted in a made market."""
        return (ReturningSeller(), TopUpGlitch())

    def app(self, judge: TextJudge | None = None) -> Litestar:
        """The web application."""
        return create_app(
            judge or self.judge(),
            self.store(),
            self.policy,
            self.clock,
            csrf_secret=form_secret(self.home),
        )


def form_secret(home: Path) -> str:
    """The secret that all processes of this home sign forms with; made once, readable by the owner alone."""
    path = home / "form.secret"
    if not path.exists():
        draft = path.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        draft.replace(path)
    return path.read_text().strip()
