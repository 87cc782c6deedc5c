"""Puts everything together; the only place that knows which clock, store, judge and policy are the real ones."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agoranomos.foundations import Foundations
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.emptying import Emptying
from agoranomos.kernel.form_secret import form_secret
from agoranomos.replaying.desks import DESKS_CHECKS, Replaying, rule_monitor
from agoranomos.staff.service import StaffService

if TYPE_CHECKING:  # imported by who asks for it: a command needs few of the rooms
    from agoranomos.access.rooms import Access
    from agoranomos.cases.referral.rooms import Referrals
    from agoranomos.cases.rooms import Cases
    from agoranomos.desks import Desk
    from agoranomos.engine.features.sharing import Share
    from agoranomos.engine.market.plots import Plot
    from agoranomos.engine.replay.desks import View
    from agoranomos.engine.stream.follower import Follower
    from agoranomos.engine.stream.live import Keep
    from agoranomos.engine.stream.monitor import Monitor
    from agoranomos.goods.brands.model import Brand
    from agoranomos.goods.brands.queries import Stamp
    from agoranomos.goods.brands.snapshot import RegistrySnapshot
    from agoranomos.goods.hearing import GoodsHearing
    from agoranomos.goods.listings.actions import ListingJudge
    from agoranomos.goods.listings.catalogue import CatalogueJudge
    from agoranomos.goods.listings.judge import TextJudge
    from agoranomos.goods.listings.renewing import RenewingJudge
    from agoranomos.goods.pictures.judge import SeeingJudge
    from agoranomos.goods.pictures.service import PictureService
    from agoranomos.goods.rooms import Rooms
    from agoranomos.intake.actions import Hearers
    from agoranomos.intake.noting import Notings
    from agoranomos.kernel.jobs.runner import Runner
    from agoranomos.promotions.rooms import Promotions
    from agoranomos.reports.service import ReportService
    from agoranomos.retention.rooms import Retention
    from agoranomos.reviews.rooms import Reviews
    from agoranomos.rules.following import Following
    from agoranomos.rules.holders.asking import Holders
    from agoranomos.rules.holders.elsewhere import Elsewhere
    from agoranomos.rules.holders.holder import Holder
    from agoranomos.rules.service import RuleService
    from agoranomos.sellers.rooms import Sellers
    from agoranomos.staff.company import Vouching
    from agoranomos.web.observing import Application


class Wiring(Foundations):
    """One running system: the rooms of all desks, and who follows the log."""

    def with_policy(self, policy_file: Path) -> Wiring:
        """The same system under another policy."""
        from agoranomos.desks import DESKS

        return self._but("policy", "policies", "renewing", "rooms", "cases", *DESKS, _policy_file=policy_file)

    def with_pictures(self, root: Path | None) -> Wiring:
        """The same system, which looks at the pictures of listings under `root`."""
        return self._but("renewing", "sellers", "reviews", "cases", _pictures_root=root or self._pictures_root)

    def snapshot(self, extra: Iterable[Brand] = ()) -> RegistrySnapshot:
        """The brand registry: seed, store, and `extra` on top."""
        from agoranomos.goods.brands.snapshot import load_snapshot

        with self.store().reading() as connection:
            return load_snapshot(connection, extra)

    def judge(self, extra: Iterable[Brand] = ()) -> TextJudge:
        """The judge of single listings."""
        return self._judge_of(self.snapshot(extra))

    def _judge_of(self, snapshot: RegistrySnapshot) -> TextJudge:
        """The judge that knows the brands of `snapshot`, by the policy."""
        from agoranomos.goods.hearing import judge_of

        return judge_of(snapshot, self.policy, self.cache)

    def check_judge(self) -> TextJudge | SeeingJudge:
        """The judge of listings as they are submitted: with eyes where the pictures' root is known."""
        if self._pictures_root is None:
            return self.judge()
        snapshot = self.snapshot()
        return self.pictures().at_publishing(self._judge_of(snapshot), snapshot, self._pictures_root)

    @cached_property
    def renewing(self) -> RenewingJudge:
        """The judge of listings as they are submitted; whoever serves lets it follow the registry of the store."""
        from agoranomos.goods.brands.queries import stamp
        from agoranomos.goods.listings.renewing import RenewingJudge, compile_beside

        def stamped() -> Stamp:
            with self.store().reading() as connection:
                return stamp(connection)

        beforehand = lambda: compile_beside(self.snapshot(), self.policy.restricted, self.cache)  # noqa: E731 - short
        return RenewingJudge(self.check_judge, stamped, beforehand)

    def catalogue_judge(self, extra: Iterable[Brand] = (), at: str | None = None) -> CatalogueJudge:
        """The judge of whole catalogues, compiled and ready for worker processes."""
        from agoranomos.goods.listings.catalogue import prepare

        policy = self.policy
        return prepare(
            self.snapshot(extra), cache=self.cache, report_line=policy.report_line, at=at or rfc3339(self.now()),
            profiles=policy.profiles, restricted=policy.restricted, key=secrets.token_bytes(16),
        )  # fmt: skip

    def pictures(self) -> PictureService:
        """Known pictures, and eyes for listings."""
        from agoranomos.goods.pictures.service import PictureService

        return PictureService(self.store(), self.home, self.cache, self.now)

    def plots(self) -> tuple[Plot, ...]:
        """What can be planted in a made market."""
        from agoranomos.engine.market.plots.shipped import SHIPPED

        return SHIPPED

    def rules(self) -> RuleService:
        """The rule book: rules, lists, snoozes and queues."""
        from agoranomos.rules.service import RuleService

        return RuleService(self.store(), self.clock, secrets.token_bytes, self.queue_policy)

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
        from agoranomos.goods.listings.deciding import CHECK as LISTING_CHECK
        from agoranomos.rules.monitor import Consulting

        make = partial(self._goods.monitor, lower=lambda _: self.snapshot().brands, speaks=False)
        return Consulting(make, LISTING_CHECK)

    @property
    def _goods(self) -> GoodsHearing:
        from agoranomos.goods.hearing import GoodsHearing

        root = self._pictures_root
        seeing = None if root is None else partial(self.pictures().of_history, root)
        return GoodsHearing(self.policies, self.policy, self.cache, seeing)

    @property
    def _keep(self) -> Keep:
        """Keeps what a monitor says, and asks for what it wants done."""
        from agoranomos.rules.keeping import keep_outputs

        return partial(keep_outputs, policy=self.action_policy)

    @cached_property
    def rooms(self) -> Rooms:
        """The rooms of the goods desk beside listings."""
        from agoranomos.goods.rooms import Rooms
        from agoranomos.hearing import HEARERS

        return Rooms(self.store(), self.vault(), HEARERS, self.clock, secrets.token_bytes, self.policies, self._keep)

    @cached_property
    def sellers(self) -> Sellers:
        """The sellers desk."""
        from agoranomos.goods.complaints.scorer import says_fake
        from agoranomos.goods.trade.queries import store_of_listing
        from agoranomos.hearing import HEARERS
        from agoranomos.sellers.rooms import Sellers

        return Sellers(
            self.store, self.vault, HEARERS, self.action_policy, self._home, lambda: self.cache, self.clock,
            secrets.token_bytes, lambda: self.following, self._pictures_root,
            self._keep, store_of_listing, tuple(self._policy_folders), says_fake,
        )  # fmt: skip

    @cached_property
    def access(self) -> Access:
        """The access desk."""
        from agoranomos.access.rooms import Access
        from agoranomos.hearing import HEARERS

        return Access(
            self.store, self.vault, HEARERS, self.action_policy, self.clock, self.audit_key,
            tuple(self._policy_folders), lambda: self.following,
        )  # fmt: skip

    @cached_property
    def promotions(self) -> Promotions:
        """The promotions desk."""
        from agoranomos.promotions.rooms import Promotions

        folders = tuple(self._policy_folders)
        return Promotions(
            self.store, self.action_policy, self.clock, folders, self._keep, secrets.token_bytes, self._home
        )

    @cached_property
    def cases(self) -> Cases:
        """Cases, over all desks."""
        from agoranomos.cases.rooms import Cases

        return Cases(
            self.store, self.vault, self.hearers(), self.rooms, self.sellers, self.action_policy, self.queue_policy,
            self.clock, tuple(self._policy_folders),
        )  # fmt: skip

    @cached_property
    def reviews(self) -> Reviews:
        """The reviews desk."""
        from agoranomos.hearing import HEARERS
        from agoranomos.reviews.rooms import Reviews

        folders, root = tuple(self._policy_folders), self._pictures_root
        return Reviews(self.store, self.vault, HEARERS, self.action_policy, self.clock, folders, self._keep, root)

    @cached_property
    def referrals(self) -> Referrals:
        """What goes to authorities."""
        from agoranomos.cases.referral.rooms import Referrals

        return Referrals(
            self.store, self.vault, lambda: self.promotions.traces, self.audit_key, lambda: self.cases.tools,
            self.rooms.batches.follow, self.clock, self._home, tuple(self._policy_folders),
        )  # fmt: skip

    @cached_property
    def retention(self) -> Retention:
        """How long data is kept."""
        from agoranomos.retained import FORGETS, KEPT, covers, stands
        from agoranomos.retention.rooms import Retention

        return Retention(self.store, self.clock, KEPT, covers, stands, FORGETS, tuple(self._policy_folders))

    @property
    def reports(self) -> ReportService:
        """Integrity reports."""
        from agoranomos.reports.service import ReportService

        return ReportService(self.store(), lambda: self.cases.tools, self.clock, self._home)

    @property
    def _desks(self) -> tuple[Desk, ...]:
        """Those whose rooms hear by themselves, in the order in which they hear."""
        return (self.sellers, self.promotions, self.reviews, self.access)

    def replay_view(self) -> View:
        """Events as monitors see them in a replay."""
        return self.replaying().view()

    def app(
        self, judge: ListingJudge | None = None, *, open_locally: bool = False, guided: bool = False
    ) -> Application:
        """The web application; `open_locally`: see `StaffAuthenticator`; `guided`: it is a demonstration."""
        # The web takes half a second to import, and a scan or a replay does without.
        from agoranomos.application import create_app
        from agoranomos.staff.authenticating import StaffAuthenticator

        self._sign_in.require_usable()
        store, secret = self.store(), form_secret(self.home)
        authenticate = StaffAuthenticator(store, self.clock, open_locally=open_locally, demonstration=guided)
        return create_app(
            judge or self.renewing, store, self.policy, self.clock,
            vault=self.vault(), rules=self.rules(), consultant=self.following, rooms=self.rooms, sellers=self.sellers,
            hearers=self.hearers(),
            promotions=self.promotions, reviews=self.reviews, access=self.access, cases=self.cases,
            referrals=self.referrals, reports=self.reports, retention=self.retention, revealing=self.revealing,
            authenticate=authenticate, csrf_secret=secret,
            staff=StaffService(store, self.clock, secrets.token_bytes, authenticate.forget),
            provider=self._provider(secret), secure=self._sign_in.secure, guided=guided,
        )  # fmt: skip

    def make_secrets(self) -> None:
        """Makes the keys and secrets that are not there yet and that every process needs to be the same."""
        form_secret(self.home)
        self.audit_key()
        self.vault()

    def _provider(self, secret: str) -> Vouching | None:
        if not self._sign_in.has_provider:
            return None
        # What it needs takes half a second to import, and few commands and installations need it.
        from agoranomos.staff.oidc import IdentityProvider

        return IdentityProvider(self._sign_in, secret.encode(), self.clock, secrets.token_bytes)

    def hearers(self) -> Hearers:
        """Who hears an event in the transaction that takes it into the log."""
        from agoranomos.hearing import HEARERS, joined

        return joined(HEARERS, self.sellers.ears)

    def notings(self) -> Notings:
        """What desks keep of personal data before tokens take its place."""
        return self.sellers.notings

    @cached_property
    def following(self) -> Following | Elsewhere:
        """The rules of checks, as this process knows them; whoever serves lets it follow the store."""
        from agoranomos.goods.desk.monitor import NAME as GOODS_MONITOR
        from agoranomos.rules.following import Following

        if self.feature_settings.holders:
            return self._asking_elsewhere()
        following = Following(self.store(), DESKS_CHECKS, self.clock, monitor=GOODS_MONITOR)
        following.refresh()  # before the first check is answered
        return following

    def _asking_elsewhere(self) -> Elsewhere:
        from agoranomos.rules.holders.elsewhere import Elsewhere

        elsewhere = Elsewhere(self.store(), DESKS_CHECKS, self.clock, self.holders())
        elsewhere.refresh()  # before the first check is answered
        return elsewhere

    def holders(self) -> Holders:
        """Whoever asks the processes that hold counts of features."""
        from agoranomos.rules.holders.asking import asked_at

        return asked_at(self.feature_settings, secrets.token_bytes)

    def holder(
        self, share: Share, folder: Path | None = None, alive: Callable[[], None] = lambda: None
    ) -> Holder:  # fmt: skip
        """Who counts a share of the features of checks; `alive` is called while it counts what it does not know yet."""
        from agoranomos.goods.desk.monitor import NAME as GOODS_MONITOR
        from agoranomos.rules.holders.holder import Holder

        self.store().require_current()
        return Holder(
            self.store(), DESKS_CHECKS, self.clock, share, folder or self.home / "features", monitor=GOODS_MONITOR,
            alive=alive,
        )  # fmt: skip

    def with_holders(self, holders: str) -> Wiring:
        """The same system, whose checks ask these holders of features."""
        settings = msgspec.structs.replace(self.feature_settings, holders=holders)
        return self._but("following", "sellers", "access", feature_settings=settings)

    def followers(self) -> list[Follower]:
        """The desks' monitors as they follow the log; each in one process at a time."""
        from agoranomos.goods.desk.monitor import NAME as GOODS_MONITOR
        from agoranomos.rules.monitor import NAME as RULE_MONITOR

        monitors: dict[str, Callable[[], Monitor]] = {
            RULE_MONITOR: rule_monitor, GOODS_MONITOR: self._goods_monitor,
        }  # fmt: skip
        for desk in self._desks:
            monitors |= desk.followed()
        return [self._follower(name, make) for name, make in monitors.items()]

    def _follower(self, name: str, make: Callable[[], Monitor]) -> Follower:
        from agoranomos.engine.stream.follower import Follower
        from agoranomos.intake.queries import read_after
        from agoranomos.rules.loading import Preparing

        return Follower(
            self.store(), name, make, read_after=read_after, keep=self._keep,
            holder_id=self._worker_id, clock=self.clock, prepare=Preparing(self.clock),
        )  # fmt: skip

    @cached_property
    def _worker_id(self) -> str:
        return f"{socket.gethostname()[:64]}:{os.getpid()}:{secrets.token_hex(4)}"

    @contextmanager
    def background(self) -> Iterator[None]:
        """The background work of this process goes on within this block; at its end the audit log is signed."""
        from agoranomos.background import Background

        with ExitStack() as stack:
            stack.callback(Background(self, self._worker_id).sign_for_the_last_time)
            stack.enter_context(Emptying(self.store()))
            stack.enter_context(self.following)
            if "renewing" in self.__dict__:  # who answers no check has no judge of it
                stack.enter_context(self.renewing)
            workers: list[Runner | Follower] = [
                self.runner(),
                Background(self, self._worker_id).long_runner(),
                *self.followers(),
            ]
            for worker in workers:
                stack.enter_context(worker)
            try:
                yield
            finally:
                for worker in workers:  # all at once, so that their times to finish do not add up
                    worker.leave()

    def runner(self) -> Runner:
        """The recurring jobs: the table is `background.EVERY_S`."""
        from agoranomos.background import Background

        self.store().require_current()
        return Background(self, self._worker_id).runner()
