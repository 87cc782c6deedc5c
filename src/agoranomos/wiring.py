"""Puts everything together; the only place that knows which clock, store, judge and policy are the real ones."""

from __future__ import annotations

import os
import random
import secrets
import socket
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from agoranomos.audit import keys
from agoranomos.audit.actions import checkpoint
from agoranomos.audit.notes import SigningKey
from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement.delivering import Deliverer
from agoranomos.enforcement.policy import load_policy as load_action_policy
from agoranomos.enforcement.posting import Poster
from agoranomos.enforcement.service import ActionService
from agoranomos.engine.market.plots import Plot
from agoranomos.engine.market.plots.returning_seller import ReturningSeller
from agoranomos.engine.market.plots.top_up_glitch import TopUpGlitch
from agoranomos.engine.stream.follower import Follower
from agoranomos.engine.stream.monitor import Monitor, Output
from agoranomos.goods.brands.actions import hear as hear_brand
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.snapshot import RegistrySnapshot, load_snapshot, seed_of
from agoranomos.goods.complaints.monitor import NAME as COMPLAINT_MONITOR
from agoranomos.goods.complaints.monitor import ComplaintMonitor
from agoranomos.goods.listings.catalogue import CatalogueJudge, prepare
from agoranomos.goods.listings.fusion import FUSION_VERSION
from agoranomos.goods.listings.judge import TextJudge, build_judge
from agoranomos.goods.listings.monitor import NAME as LISTING_MONITOR
from agoranomos.goods.listings.monitor import ListingMonitor
from agoranomos.goods.listings.policy import ListingPolicy, load_policy
from agoranomos.goods.listings.vocabulary import shipped_vocabulary
from agoranomos.intake.actions import Hearers
from agoranomos.intake.queries import read_after
from agoranomos.judgements.actions import keep_decisions, keep_findings
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import Clock, rfc3339, system_clock
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.jobs import queue
from agoranomos.kernel.jobs.model import Job
from agoranomos.kernel.jobs.runner import Effect, Handler, Runner
from agoranomos.kernel.ledger.sweep import expire_all_due
from agoranomos.kernel.store import Store, open_store
from agoranomos.staff.company import SignInSettings, Vouching
from agoranomos.staff.service import StaffService
from agoranomos.vault.keys import Vault, kept_ring, parse_ring

if TYPE_CHECKING:  # the web takes half a second to import, and most commands do without
    from agoranomos.web.observing import Application

JOBS_KEPT = timedelta(days=30)
"""How long a job that is done keeps a repeat of it from being done again."""


class Wiring:
    """One running system. `home` is the folder of the embedded store and caches, `database_url` the store's
    address (None: SQLite under `home`), `policy_file` the listing policy (None: the shipped one), `cache` the folder
    of what can be made again (None: under `home`), `audit_key` the signing key of the audit log
    and `vault_keys` the key ring of the vault (None: files in `home`),
    `sign_in` where people reach us and who vouches for them."""

    VAULT_KEYS = "vault.keys"
    """The file of the key ring."""

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
        vault_keys: str | None = None,
    ) -> None:
        self._home = home
        self._url = database_url
        self._policy_file = policy_file
        self._cache = cache
        self.clock = clock
        self.given_audit_key = audit_key
        self._sign_in = sign_in or SignInSettings()
        self._given_vault_keys = vault_keys

    def with_policy(self, policy_file: Path) -> Wiring:
        """The same system under another policy."""
        return Wiring(
            self._home, database_url=self._url, policy_file=policy_file, cache=self._cache, clock=self.clock,
            audit_key=self.given_audit_key, vault_keys=self._given_vault_keys,
            sign_in=self._sign_in,
        )  # fmt: skip

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

    def audit_key(self, origin: str | None = None) -> SigningKey:
        """The signing key of the audit log, made when there is none; `origin` names a new log."""
        return keys.find_or_make(self.home, self.given_audit_key, secrets.token_bytes, origin)

    def staff(self) -> StaffService:
        """People, keys and approvals, for commands."""
        return StaffService(self.store(), self.clock, secrets.token_bytes)

    def monitors(self, brands: Iterable[Brand] = ()) -> list[Monitor]:
        """The desks' monitors as a replay starts them: nothing is known but `brands`, and the seed about those."""
        return [self._listing_monitor(brands, lower=seed_of), ComplaintMonitor()]

    def _listing_monitor(
        self, brands: Iterable[Brand] = (), *, lower: Callable[[Iterable[Brand]], Iterable[Brand]]
    ) -> Monitor:
        return ListingMonitor(
            lambda snapshot: build_judge(snapshot, cache=self.cache, report_line=self.policy.report_line),
            self.policy,
            version=f"{shipped_vocabulary().version}:{FUSION_VERSION}",
            brands=brands,
            lower=lower,
        )

    def vault(self) -> Vault:
        """The vault for personal data; its keys are made when there are none."""
        return self._vault

    @cached_property
    def _vault(self) -> Vault:
        given = self._given_vault_keys
        ring = parse_ring(given) if given else kept_ring(self.home / self.VAULT_KEYS, secrets.token_bytes)
        return Vault(ring, secrets.token_bytes)

    def actions(self) -> ActionService:
        """Actions out: asking for them, and where they are delivered."""
        return ActionService(self.store(), self.vault(), load_action_policy(), self.clock)

    def deliverer(self) -> Deliverer:
        """What delivers actions."""
        service = self.actions()
        webhooks = service.policy.webhooks
        poster = Poster(timeout_s=webhooks.timeout_s, answer_bytes_max=webhooks.answer_bytes_max)
        draw = random.SystemRandom().random
        return Deliverer(service.store, service.vault, service.policy, poster, self.clock, draw)

    def app(self, judge: TextJudge | None = None, *, open_locally: bool = False) -> Application:
        """The web application; `open_locally`: see `StaffAuthenticator`."""
        # The web takes half a second to import, and a scan or a replay does without.
        from agoranomos.application import create_app  # noqa: PLC0415
        from agoranomos.staff.authenticating import StaffAuthenticator  # noqa: PLC0415

        self._sign_in.require_usable()
        store, secret = self.store(), form_secret(self.home)
        authenticate = StaffAuthenticator(store, self.clock, open_locally=open_locally)
        return create_app(
            judge or self.judge(),
            store,
            self.policy,
            self.clock,
            vault=self.vault(),
            hearers=self.hearers(),
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

    def hearers(self) -> Hearers:
        """Who hears an event in the transaction that takes it into the log."""
        return {"brand.registered": hear_brand}

    def followers(self) -> list[Follower]:
        """The desks' monitors as they follow the log; each in one process at a time."""
        makers: dict[str, Callable[[], Monitor]] = {
            LISTING_MONITOR: partial(self._listing_monitor, lower=lambda _: self.snapshot().brands),
            COMPLAINT_MONITOR: ComplaintMonitor,
        }
        return [
            Follower(
                self.store(),
                name,
                make,
                read_after=lambda connection, position, limit: read_after(connection, position, limit=limit),
                keep=keep_outputs,
                holder_id=self._worker_id,
                clock=self.clock,
            )
            for name, make in makers.items()
        ]

    @cached_property
    def _worker_id(self) -> str:
        return f"{socket.gethostname()[:64]}:{os.getpid()}:{secrets.token_hex(4)}"

    def runner(self) -> Runner:
        """The background work of this process; the tables below show all of it."""
        self.store().require_current()
        handlers: dict[str, Handler] = {
            "audit.checkpoint": self._sign_audit_log,
            "jobs.prune": self._prune_jobs,
            "ledger.expire": self._expire_reservations,
            "actions.settle": self._settle_actions,
            "webhooks.deliver": self._deliver,
        }
        every_s = {
            "actions.settle": 2,
            "audit.checkpoint": 60,
            "jobs.prune": 86_400,
            "ledger.expire": 10,
            "webhooks.deliver": 1,
        }
        return Runner(
            self.store(),
            handlers,
            recurring=every_s,
            worker_id=self._worker_id,
            clock=self.clock,
            draw=random.SystemRandom().random,
        )

    def _sign_audit_log(self, job: Job) -> Effect:  # noqa: ARG002 - a handler's signature
        signer = self.audit_key()
        return lambda connection: checkpoint(connection, signer, self.now())

    def _expire_reservations(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        expire_all_due(self.store(), self.now())

    def _settle_actions(self, job: Job) -> Effect:  # noqa: ARG002 - a handler's signature
        return lambda connection: enforcing.settle(connection, now=self.now())

    def _deliver(self, job: Job) -> None:  # noqa: ARG002 - a handler's signature
        try:
            self._deliverer.turn()
        finally:
            self._deliverer.close()  # connections last for a turn; idle ones would be held for nothing

    @cached_property
    def _deliverer(self) -> Deliverer:
        return self.deliverer()

    def _prune_jobs(self, job: Job) -> Effect:  # noqa: ARG002 - a handler's signature
        return lambda connection: queue.prune(connection, self.now() - JOBS_KEPT)


def keep_outputs(connection: sa.Connection, outputs: Sequence[Output], now: datetime) -> None:
    """Keeps what a monitor says; what is known already is ignored."""
    keep_findings(connection, [each for each in outputs if isinstance(each, Finding)], now=now)
    keep_decisions(connection, [each for each in outputs if isinstance(each, Decision)], now=now)
    if asked := [each for each in outputs if isinstance(each, Action)]:
        enforcing.take(connection, asked, policy=load_action_policy(), now=now)


def form_secret(home: Path) -> str:
    """The secret that all processes of this home sign forms with; made once, readable by the owner alone."""
    path = home / "form.secret"
    if not path.exists():
        draft = path.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        draft.replace(path)
    return path.read_text().strip()
