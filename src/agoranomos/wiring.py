"""Puts everything together; the only place that knows which clock, store, judge and policy are the real ones."""

from __future__ import annotations

import os
import random
import secrets
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from agoranomos.access.rooms import Access
from agoranomos.audit import keys
from agoranomos.audit.notes import SigningKey
from agoranomos.background import Background
from agoranomos.desks import DESKS, Desk
from agoranomos.enforcement.delivering import Deliverer
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.enforcement.posting import Poster
from agoranomos.enforcement.secrets import WebhookSecrets
from agoranomos.enforcement.service import ActionService
from agoranomos.engine.market.plots import Plot
from agoranomos.engine.market.plots.shipped import SHIPPED
from agoranomos.engine.replay.desks import View
from agoranomos.engine.stream.follower import Follower
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.snapshot import RegistrySnapshot, load_snapshot
from agoranomos.goods.complaints.scorer import says_fake
from agoranomos.goods.desk.monitor import NAME as GOODS_MONITOR
from agoranomos.goods.hearing import GoodsHearing, judge_of
from agoranomos.goods.listings.actions import ListingJudge
from agoranomos.goods.listings.catalogue import CatalogueJudge, prepare
from agoranomos.goods.listings.deciding import CHECK as LISTING_CHECK
from agoranomos.goods.listings.judge import TextJudge
from agoranomos.goods.listings.policy import ListingPolicy, load_policy
from agoranomos.goods.pictures.judge import SeeingJudge
from agoranomos.goods.pictures.service import PictureService
from agoranomos.goods.policies import Policies, load_policies, policy_file
from agoranomos.goods.rooms import Rooms
from agoranomos.goods.trade.queries import store_of_listing
from agoranomos.hearing import HEARERS, joined
from agoranomos.intake.actions import Hearers
from agoranomos.intake.noting import Notings
from agoranomos.intake.queries import read_after
from agoranomos.kernel.clock import Clock, rfc3339, system_clock
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.form_secret import form_secret
from agoranomos.kernel.jobs.runner import Runner
from agoranomos.kernel.store import Store, open_store
from agoranomos.promotions.rooms import Promotions
from agoranomos.replaying.desks import DESKS_CHECKS, Replaying, policy_folders, rule_monitor
from agoranomos.reviews.rooms import Reviews
from agoranomos.rules.following import Following
from agoranomos.rules.keeping import keep_outputs as keep_outputs  # noqa: PLC0414 - others take it from here
from agoranomos.rules.loading import Preparing
from agoranomos.rules.monitor import NAME as RULE_MONITOR
from agoranomos.rules.monitor import Consulting
from agoranomos.rules.policy import QueuePolicy, load_queues
from agoranomos.rules.service import RuleService
from agoranomos.sellers.rooms import Sellers
from agoranomos.staff.company import SignInSettings, Vouching
from agoranomos.staff.service import StaffService
from agoranomos.vault.data_keys import DataKeys
from agoranomos.vault.keys import Vault
from agoranomos.vault.masters import Wrapped
from agoranomos.vault.ring_file import RingFile

if TYPE_CHECKING:  # the web takes half a second to import, and most commands do without
    from agoranomos.web.observing import Application


class Wiring:
    """One running system. `home` is the folder of the embedded store and caches, `database_url` the store's
    address (None: SQLite under `home`), `policy_file` the listing policy or a folder of policies (what is not in it:
    those in `home`, else the shipped ones), `queues_file` that of queues (None: the shipped one), `cache` the folder of
    what can be made again (None: under `home`), `audit_key` the signing key of the audit log and `vault_keys` the key
    ring of the vault (None: files in `home`), `pictures_root` where pictures of listings lie (None: they are not looked
    at), `sign_in` where people reach us and who vouches for them."""

    def __init__(
        self,
        home: Path,
        *,
        database_url: str | None = None,
        policy_file: Path | None = None,
        queues_file: Path | None = None,
        cache: Path | None = None,
        clock: Clock = system_clock,
        audit_key: str | None = None,
        sign_in: SignInSettings | None = None,
        vault_keys: str | None = None,
        pictures_root: Path | None = None,
    ) -> None:
        self._home = home
        self._url = database_url
        self._policy_file = policy_file
        self._queues_file = queues_file
        self._cache = cache
        self.clock = clock
        self.given_audit_key = audit_key
        self._sign_in = sign_in or SignInSettings()
        self._given_vault_keys = vault_keys
        self._pictures_root = pictures_root

    def with_policy(self, policy_file: Path) -> Wiring:
        """The same system under another policy."""
        return self._but("policy", "policies", "rooms", *DESKS, _policy_file=policy_file)

    def with_pictures(self, root: Path | None) -> Wiring:
        """The same system, which looks at the pictures of listings under `root`."""
        return self._but("sellers", _pictures_root=root or self._pictures_root)

    def _but(self, *made: str, **fields: Path | None) -> Wiring:
        """The same system with other `fields`, of which what is `made` of them is made anew."""
        other = copy(self)
        other.__dict__ = {name: value for name, value in self.__dict__.items() if name not in made} | fields
        return other

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
        given = self._policy_file
        return load_policy(given if given and given.is_file() else policy_file("listings", self._policy_folders))

    @cached_property
    def policies(self) -> Policies:
        """What may be done on whose word, and what the rooms of the goods desk go by; read once."""
        return load_policies(self._policy_folders)

    @property
    def action_policy(self) -> ActionPolicy:
        """What may be done on whose word."""
        return self.policies.actions

    @property
    def _policy_folders(self) -> list[Path]:
        """Where files of policies are looked for: the folder given, and the home folder."""
        return policy_folders(self._home, self._policy_file)

    def snapshot(self, extra: Iterable[Brand] = ()) -> RegistrySnapshot:
        """The brand registry: seed, store, and `extra` on top."""
        with self.store().reading() as connection:
            return load_snapshot(connection, extra)

    def judge(self, extra: Iterable[Brand] = ()) -> TextJudge:
        """The judge of single listings."""
        return self._judge_of(self.snapshot(extra))

    def _judge_of(self, snapshot: RegistrySnapshot) -> TextJudge:
        """The judge that knows the brands of `snapshot`, by the policy."""
        return judge_of(snapshot, self.policy, self.cache)

    def check_judge(self) -> TextJudge | SeeingJudge:
        """The judge of listings as they are submitted: with eyes where the pictures' root is known."""
        if self._pictures_root is None:
            return self.judge()
        snapshot = self.snapshot()
        return self.pictures().at_publishing(self._judge_of(snapshot), snapshot, self._pictures_root)

    def catalogue_judge(self, extra: Iterable[Brand] = (), at: str | None = None) -> CatalogueJudge:
        """The judge of whole catalogues, compiled and ready for worker processes."""
        policy = self.policy
        return prepare(
            self.snapshot(extra), cache=self.cache, report_line=policy.report_line, at=at or rfc3339(self.now()),
            profiles=policy.profiles, restricted=policy.restricted,
        )  # fmt: skip

    def pictures(self) -> PictureService:
        """Known pictures, and eyes for listings."""
        return PictureService(self.store(), self.home, self.cache, self.now)

    def plots(self) -> tuple[Plot, ...]:
        """What can be planted in a made market."""
        return SHIPPED

    def audit_key(self, origin: str | None = None) -> SigningKey:
        """The signing key of the audit log, made when there is none; `origin` names a new log."""
        return keys.find_or_make(self.home, self.given_audit_key, secrets.token_bytes, origin)

    def staff(self) -> StaffService:
        """People, keys and approvals, for commands."""
        return StaffService(self.store(), self.clock, secrets.token_bytes)

    def rules(self) -> RuleService:
        """The rule book: rules, lists, snoozes and queues."""
        return RuleService(self.store(), self.clock, secrets.token_bytes, self.queue_policy)

    @cached_property
    def queue_policy(self) -> QueuePolicy:
        """What people can look at, and in which order; read once."""
        return load_queues(self._queues_file)

    def replaying(self, brands: Iterable[Brand] = (), rules: str | None = None) -> Replaying:
        """What a replay goes by: nothing is known but `brands`, the seed about those, and `rules` (see `Replaying`)."""
        return Replaying(
            self._home, self._policy_file, self._cache, self._given_vault_keys, self._url, self._pictures_root,
            tuple(brands), rules,
        )  # fmt: skip

    def _goods_monitor(self) -> Monitor:
        """The goods desk as it follows the log: the rules of its check are those of the store, which `Preparing`
        brings, and of notices it only weighs what tables say.
        """
        make = partial(self._goods.monitor, lower=lambda _: self.snapshot().brands, speaks=False)
        return Consulting(make, LISTING_CHECK)

    @property
    def _goods(self) -> GoodsHearing:
        root = self._pictures_root
        seeing = None if root is None else partial(self.pictures().of_history, root)
        return GoodsHearing(self.policies, self.policy, self.cache, seeing)

    @cached_property
    def rooms(self) -> Rooms:
        """The rooms of the goods desk beside listings."""
        keep = partial(keep_outputs, policy=self.action_policy)
        return Rooms(self.store(), self.vault(), HEARERS, self.clock, secrets.token_bytes, self.policies, keep)

    @cached_property
    def sellers(self) -> Sellers:
        """The sellers desk."""
        return Sellers(
            self.store, self.vault, HEARERS, self.action_policy, self._home, lambda: self.cache, self.clock,
            secrets.token_bytes, lambda: self.following, self._pictures_root,
            partial(keep_outputs, policy=self.action_policy), store_of_listing, tuple(self._policy_folders), says_fake,
        )  # fmt: skip

    @cached_property
    def access(self) -> Access:
        """The access desk."""
        return Access(
            self.store, self.vault, HEARERS, self.action_policy, self.clock, self.audit_key,
            tuple(self._policy_folders), lambda: self.following,
        )  # fmt: skip

    @cached_property
    def promotions(self) -> Promotions:
        """The promotions desk."""
        keep, folders = partial(keep_outputs, policy=self.action_policy), tuple(self._policy_folders)
        return Promotions(self.store, self.action_policy, self.clock, folders, keep, secrets.token_bytes, self._home)

    @cached_property
    def reviews(self) -> Reviews:
        """The reviews desk."""
        return Reviews(self.store, self.action_policy, self.clock, tuple(self._policy_folders))

    @property
    def _desks(self) -> tuple[Desk, ...]:
        """Those whose rooms hear by themselves, in the order in which they hear."""
        return (self.sellers, self.promotions, self.reviews, self.access)

    def vault(self) -> Vault:
        """The vault for personal data; its keys are made when there are none."""
        return self._vault

    @cached_property
    def _vault(self) -> Vault:
        if not self._ring.there:
            _ = self.home  # asking for it makes the folder
        return Vault(self._ring.ring, secrets.token_bytes)

    @cached_property
    def _ring(self) -> RingFile:
        return RingFile(self._home / "vault.keys", self._given_vault_keys, secrets.token_bytes)

    def wrapped(self) -> tuple[Wrapped, ...]:
        """All that the vault's master keys have wrapped."""
        return (DataKeys(), WebhookSecrets())

    def add_vault_key(self) -> tuple[str, str]:
        """A new master key; its id, and what is left to be done by hand: see `vault.commands`."""
        return self._ring.add()

    def drop_vault_key(self, key_id: str) -> str:
        """Takes a master key out of the ring; what is left to be done by hand."""
        return self._ring.drop(key_id)

    def replay_view(self) -> View:
        """Events as monitors see them in a replay."""
        return self.replaying().view()

    def actions(self) -> ActionService:
        """Actions out: asking for them, and where they are delivered."""
        return ActionService(self.store(), self.vault(), self.action_policy, self.clock)

    def deliverer(self) -> Deliverer:
        """What delivers actions."""
        service = self.actions()
        webhooks = service.policy.webhooks
        poster = Poster(timeout_s=webhooks.timeout_s, answer_bytes_max=webhooks.answer_bytes_max)
        draw = random.SystemRandom().random
        return Deliverer(service.store, service.vault, service.policy, poster, self.clock, draw)

    def app(self, judge: ListingJudge | None = None, *, open_locally: bool = False) -> Application:
        """The web application; `open_locally`: see `StaffAuthenticator`."""
        # The web takes half a second to import, and a scan or a replay does without.
        from agoranomos.application import create_app  # noqa: PLC0415
        from agoranomos.staff.authenticating import StaffAuthenticator  # noqa: PLC0415

        self._sign_in.require_usable()
        store, secret = self.store(), form_secret(self.home)
        authenticate = StaffAuthenticator(store, self.clock, open_locally=open_locally)
        return create_app(
            judge or self.check_judge(), store, self.policy, self.clock,
            vault=self.vault(), rules=self.rules(), consultant=self.following, rooms=self.rooms, sellers=self.sellers,
            promotions=self.promotions, reviews=self.reviews, access=self.access, authenticate=authenticate,
            staff=StaffService(store, self.clock, secrets.token_bytes, authenticate.forget), csrf_secret=secret,
            provider=self._provider(secret), secure=self._sign_in.secure,
        )  # fmt: skip

    def _provider(self, secret: str) -> Vouching | None:
        if not self._sign_in.has_provider:
            return None
        # What it needs takes half a second to import, and few commands and installations need it.
        from agoranomos.staff.oidc import IdentityProvider  # noqa: PLC0415

        return IdentityProvider(self._sign_in, secret.encode(), self.clock, secrets.token_bytes)

    def hearers(self) -> Hearers:
        """Who hears an event in the transaction that takes it into the log."""
        return joined(HEARERS, self.sellers.ears)

    def notings(self) -> Notings:
        """What desks keep of personal data before tokens take its place."""
        return self.sellers.notings

    @cached_property
    def following(self) -> Following:
        """The rules of checks, as this process knows them; whoever serves lets it follow the store."""
        following = Following(self.store(), DESKS_CHECKS, self.clock, monitor=GOODS_MONITOR)
        following.refresh()  # before the first check is answered
        return following

    def followers(self) -> list[Follower]:
        """The desks' monitors as they follow the log; each in one process at a time."""
        monitors: dict[str, Callable[[], Monitor]] = {
            RULE_MONITOR: rule_monitor, GOODS_MONITOR: self._goods_monitor,
        }  # fmt: skip
        for desk in self._desks:
            monitors |= desk.followed()
        return [self._follower(name, make) for name, make in monitors.items()]

    def _follower(self, name: str, make: Callable[[], Monitor]) -> Follower:
        return Follower(
            self.store(), name, make, read_after=read_after, keep=partial(keep_outputs, policy=self.action_policy),
            holder_id=self._worker_id, clock=self.clock, prepare=Preparing(self.clock),
        )  # fmt: skip

    @cached_property
    def _worker_id(self) -> str:
        return f"{socket.gethostname()[:64]}:{os.getpid()}:{secrets.token_hex(4)}"

    @contextmanager
    def background(self) -> Iterator[None]:
        """The background work of this process goes on within this block; at its end the audit log is signed."""
        with ExitStack() as stack:
            stack.callback(Background(self, self._worker_id).sign_for_the_last_time)
            stack.enter_context(self.following)
            stack.enter_context(self.runner())
            stack.enter_context(Background(self, self._worker_id).long_runner())
            for follower in self.followers():
                stack.enter_context(follower)
            yield

    def runner(self) -> Runner:
        """The recurring jobs: the table is `background.EVERY_S`."""
        self.store().require_current()
        return Background(self, self._worker_id).runner()
