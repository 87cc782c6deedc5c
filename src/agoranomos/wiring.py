"""Puts everything together; the only place that knows which clock, store, judge and policy are the real ones."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from pathlib import Path

from agoranomos.audit import api as audit
from agoranomos.audit import keys
from agoranomos.audit.notes import SigningKey
from agoranomos.audit.service import AuditService
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.snapshot import RegistrySnapshot, load_snapshot
from agoranomos.goods.listings import actions as listings
from agoranomos.goods.listings import app as listings_app
from agoranomos.goods.listings.actions import ListingJudge
from agoranomos.goods.listings.catalogue import CatalogueJudge, prepare
from agoranomos.goods.listings.judge import TextJudge, build_judge
from agoranomos.goods.listings.pages import HOME
from agoranomos.goods.listings.policy import ListingPolicy, load_policy
from agoranomos.goods.listings.service import CheckService
from agoranomos.judgements import api as judgements
from agoranomos.kernel.clock import Clock, rfc3339, system_clock
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.store import Store, open_store
from agoranomos.staff import api as staff_api
from agoranomos.staff import pages as staff_pages
from agoranomos.staff.authenticating import StaffAuthenticator
from agoranomos.staff.browsers import SIGN_IN
from agoranomos.staff.company import SignInSettings, Vouching
from agoranomos.staff.service import StaffService
from agoranomos.web import app
from agoranomos.web.auth import Authenticator
from agoranomos.web.observing import Application


class Wiring:
    """One running system. `home` is the folder of the embedded store and caches, `database_url` the store's
    address (None: SQLite under `home`), `policy_file` the listing policy (None: the shipped one), `cache` the folder
    of what can be made again (None: under `home`), `audit_key` the signing key of the audit log (None: in `home`),
    `sign_in` where people reach us and who vouches for them."""

    def __init__(
        self,
        home: Path,
        *,
        database_url: str | None = None,
        policy_file: Path | None = None,
        cache: Path | None = None,
        clock: Clock = system_clock,
        audit_key: str | None = None,
        sign_in: SignInSettings | None = None,
    ) -> None:
        self._home = home
        self._url = database_url
        self._policy_file = policy_file
        self._cache = cache
        self.clock = clock
        self.given_audit_key = audit_key
        self._sign_in = sign_in or SignInSettings()

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

    def audit_key(self, origin: str | None = None) -> SigningKey:
        """The signing key of the audit log, made when there is none; `origin` names a new log."""
        return keys.find_or_make(self.home, self.given_audit_key, secrets.token_bytes, origin)

    def staff(self) -> StaffService:
        """People, keys and approvals, for commands."""
        return StaffService(self.store(), self.clock, secrets.token_bytes)

    def app(self, judge: TextJudge | None = None, *, open_locally: bool = False) -> Application:
        """The web application; `open_locally`: see `StaffAuthenticator`."""
        self._sign_in.require_usable()
        store, secret = self.store(), form_secret(self.home)
        authenticate = StaffAuthenticator(store, self.clock, open_locally=open_locally)
        return create_app(
            judge or self.judge(),
            store,
            self.policy,
            self.clock,
            authenticate=authenticate,
            csrf_secret=secret,
            staff=StaffService(store, self.clock, secrets.token_bytes, authenticate.forget),
            provider=self._provider(secret),
            secure=self._sign_in.secure,
        )

    def _provider(self, secret: str) -> Vouching | None:
        if not self._sign_in.has_provider:
            return None
        # What it needs takes half a second to import, and few commands and installations need it.
        from agoranomos.staff.oidc import IdentityProvider  # noqa: PLC0415

        return IdentityProvider(self._sign_in, secret.encode(), self.clock, secrets.token_bytes)


def create_app(
    judge: ListingJudge,
    store: Store,
    policy: ListingPolicy,
    clock: Clock,
    *,
    authenticate: Authenticator,
    csrf_secret: str | None = None,
    staff: StaffService | None = None,
    provider: Vouching | None = None,
    secure: bool = False,
) -> Application:
    """All rooms and desks as one application; `authenticate`, `csrf_secret`, `secure`: see `web.app`.

    `staff` tells the authenticator of changes, when they belong together; `provider` vouches for company accounts.
    """
    staff = staff or StaffService(store, clock, secrets.token_bytes)
    checks = CheckService(judge, store, policy, clock)
    return app.create_app(
        [
            audit.api_router(AuditService(store)),
            judgements.api_router(store, {listings.CHECK: checks.full_decision}),
            staff_api.api_router(staff),
            staff_pages.pages_router(staff, provider, secure=secure),
            *listings_app.routers(checks),
        ],
        home=HOME,
        authenticate=authenticate,
        templates=[listings_app.TEMPLATES, staff_pages.TEMPLATES],
        ready=checks.ready,
        csrf_secret=csrf_secret,
        sign_in=SIGN_IN,
        secure=secure,
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
