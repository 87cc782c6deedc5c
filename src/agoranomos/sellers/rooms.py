"""The rooms of the sellers desk, as `wiring` asks for them: what each works with, hears, and notes of a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from agoranomos.audit import keys
from agoranomos.audit.notes import SigningKey
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.asking import Asking, nobody_asked
from agoranomos.engine.stream.monitor import Monitor, Output
from agoranomos.intake.actions import Hearers
from agoranomos.intake.noting import Notings
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.consulting import Consultant
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.store import Store
from agoranomos.sellers.certification.advising import Daily
from agoranomos.sellers.conduct.desk import Suspects, nobody_suspects
from agoranomos.sellers.conduct.following import Keep
from agoranomos.sellers.conduct.live import Conduct
from agoranomos.sellers.conduct.offices import Offices
from agoranomos.sellers.conduct.policies import Policies, load_policies, policy_file
from agoranomos.sellers.freeze.telling import CHECK as PAYOUT
from agoranomos.sellers.histories import tied_monitors
from agoranomos.sellers.identity import actions as applications
from agoranomos.sellers.identity import policy as application_policy
from agoranomos.sellers.identity.advising import Adviser
from agoranomos.sellers.identity.deciding import CHECK as APPLICATION
from agoranomos.sellers.identity.photos.eyes import Eyes
from agoranomos.sellers.identity.secret import verifier_of
from agoranomos.sellers.identity.service import ApplicationService
from agoranomos.sellers.links import policy as link_policy
from agoranomos.sellers.links.service import LinkService
from agoranomos.sellers.noting import notings, photo_eyes
from agoranomos.sellers.points.queries import StoreOf
from agoranomos.sellers.retaliation.history import retaliation_monitor
from agoranomos.sellers.retaliation.monitor import NAME as RETALIATION
from agoranomos.vault.keys import Vault

SELLERS_CHECKS: Final = frozenset((APPLICATION, PAYOUT))
"""The checks that this desk makes."""


@dataclass(frozen=True)
class Sellers:
    """What the rooms work with. `open_store`, `open_vault` and `cache` make what a history does without; `hearers` hear
    the events that are said here, `draws` gives random bytes, `consultant` knows the rules of checks; photos lie under
    `pictures_root` (None: they are not looked at). `keep` keeps what is said of conduct; `store_of` knows which store
    offers a listing; policies are looked for in `policy_folders`, the first first; `suspects`: how probably a text says
    or suspects a fake.
    """

    open_store: Callable[[], Store]
    open_vault: Callable[[], Vault]
    hearers: Hearers
    action_policy: ActionPolicy
    home: Path
    cache: Callable[[], Path]
    clock: Clock
    draws: Callable[[int], bytes]
    consultant: Callable[[], Consultant]
    pictures_root: Path | None = None
    keep: Keep | None = None
    store_of: StoreOf | None = None
    policy_folders: Sequence[Path] = ()
    suspects: Suspects = nobody_suspects

    @cached_property
    def conduct(self) -> Conduct:
        """Points, frozen money and the like, as they follow the log live."""
        certified = Daily(self.conduct_policies.certification)
        return Conduct(self.action_policy, self.conduct_policies, self.keep, self.store_of, certified, self.suspects)

    @cached_property
    def conduct_policies(self) -> Policies:
        """Of points, frozen money and the like; read once."""
        return load_policies(self.policy_folders)

    @cached_property
    def offices(self) -> Offices:
        """What HTTP and commands do with conduct."""
        return Offices(
            self.open_store(), self.open_vault(), self.hearers, self.conduct, self.clock, self._credit_key,
            self.hear_conduct, self.consultant,
        )  # fmt: skip

    def _credit_key(self) -> SigningKey:
        """The key that signs exports of credit: one of its own, made when there is none."""
        folder = self.home / "credit"
        folder.mkdir(parents=True, exist_ok=True)
        known = keys.find(folder, None)
        if known is not None:
            return known
        # Named so that nobody takes it for the key of a log; who was faster has named it.
        with suppress(Conflict):
            return keys.find_or_make(folder, None, self.draws, f"agoranomos.local/credit-{self.draws(4).hex()}")
        return keys.find_or_make(folder, None, self.draws)

    def hear(self) -> None:
        """Lets the rooms that follow the log hear all of it, a part in each transaction."""
        self._follow()
        self.offices.freezes.settle()
        self.links.follow(self.keep_found)

    def hear_conduct(self) -> None:
        """Lets the rooms about conduct hear what has come in, for a check that must know of it."""
        with self.open_store().reading() as connection:
            behind = self.conduct.is_behind(connection, self.clock())
        if behind:
            self._follow()

    def hear_links(self) -> None:
        """The same for links."""
        self.links.follow(self.keep_found)

    def _follow(self) -> None:
        at_end = False
        while not at_end:
            with self.open_store().transaction() as connection:
                at_end = self.conduct.step(connection, self.clock())

    @cached_property
    def links(self) -> LinkService:
        """Who may be the same as whom."""
        return LinkService(self.open_store(), self.link_policy, self.clock)

    @cached_property
    def link_policy(self) -> link_policy.Policy:
        """`links.toml` in a folder of policies, else the shipped one."""
        return link_policy.load_policy(policy_file("links", self.policy_folders))

    def keep_found(self, connection: sa.Connection, found: Sequence[Output]) -> None:
        """Keeps what links say, as what is said of conduct is kept."""
        self.conduct.keeping(connection, found, self.clock())

    @cached_property
    def notings(self) -> Notings:
        """What rooms keep of a person where tokens take the place of what was said: see `intake.noting`."""
        return notings(self._eyes)

    @property
    def ears(self) -> Hearers:
        """Who hears an event in the transaction that takes it into the log."""
        hear = partial(applications.hear, policy=self.application_policy, advisers=self.advisers)
        return {"seller.applied": hear}

    @property
    def advisers(self) -> Sequence[Adviser]:
        """Rooms that know something of an applicant."""
        return (self.links.judged, self.conduct.certification(self.clock).judged)

    def monitors(self, asking: Asking = nobody_asked) -> list[Monitor]:
        """The monitors of a replay, in the order in which they hear; `asking` lets checks ask the rule book."""
        tied = tied_monitors(
            self.action_policy, self.conduct_policies, self.link_policy, self.application_policy, self.suspects, asking
        )  # fmt: skip
        return [*tied, self._retaliation()]

    def followed(self) -> Mapping[str, Callable[[], Monitor]]:
        """The monitors that follow the log live, by name."""
        return {RETALIATION: self._retaliation}

    def _retaliation(self) -> Monitor:
        return retaliation_monitor(self.policy_folders)

    @cached_property
    def applications(self) -> ApplicationService:
        """The check of applications."""
        policy = self.application_policy
        verifier = verifier_of(policy.person.provider, self.home)
        return ApplicationService(
            self.open_store(), self.open_vault, self.notings, self._eyes, verifier, policy, self.clock, self.advisers,
            self.hear_links, self.consultant(),
        )  # fmt: skip

    @cached_property
    def application_policy(self) -> application_policy.Policy:
        """`applications.toml` in a folder of policies, else the shipped one."""
        return application_policy.load_policy(policy_file("applications", self.policy_folders))

    @cached_property
    def _eyes(self) -> Eyes:
        return photo_eyes(self.pictures_root)
