"""What all desks stand on: the real clock, store, policies, keys, and who works here. The rooms are in `wiring`."""

from __future__ import annotations

import secrets
from copy import copy
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from agoranomos.audit import keys
from agoranomos.audit.notes import SigningKey
from agoranomos.kernel.clock import Clock, system_clock
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.store import Store, open_store
from agoranomos.replaying.desks import policy_folders
from agoranomos.rules.holders.settings import FeatureSettings
from agoranomos.staff.company import SignInSettings
from agoranomos.staff.service import StaffService
from agoranomos.vault.elsewhere.settings import KeySettings
from agoranomos.vault.keys import Vault
from agoranomos.vault.ring_file import RingFile

if TYPE_CHECKING:  # imported by who asks for it: most commands need little of all this
    from agoranomos.enforcement.delivering import Deliverer
    from agoranomos.enforcement.policy import Policy as ActionPolicy
    from agoranomos.enforcement.service import ActionService
    from agoranomos.goods.listings.policy import ListingPolicy
    from agoranomos.goods.policies import Policies
    from agoranomos.rules.policy import QueuePolicy
    from agoranomos.vault.masters import Wrapped
    from agoranomos.vault.revealing.service import RevealService


class Foundations:
    """What everything stands on. `home` is the folder of the embedded store and caches, `database_url` the store's
    address (None: SQLite under `home`), `policy_file` the listing policy or a folder of policies (what is not in it:
    those in `home`, else the shipped ones), `queues_file` that of queues (None: the shipped one), `cache` the folder of
    what can be made again (None: under `home`), `audit_key` the signing key of the audit log and `vault_keys` the key
    ring of the vault (None: files in `home`), `key_settings` how keys are reached that the ring names elsewhere,
    `pictures_root` where pictures of listings lie (None: they are not looked at), `feature_settings` where counts of
    features are held (None: each process counts), `sign_in` where people reach us and who vouches for them."""

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
        key_settings: KeySettings | None = None,
        pictures_root: Path | None = None,
        feature_settings: FeatureSettings | None = None,
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
        self._key_settings = key_settings or KeySettings()
        self._pictures_root = pictures_root
        self.feature_settings = feature_settings or FeatureSettings()

    def _but(self, *made: str, **fields: Path | FeatureSettings | None) -> Self:
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
        from agoranomos.goods.listings.policy import load_policy
        from agoranomos.goods.policies import policy_file

        given = self._policy_file
        return load_policy(given if given and given.is_file() else policy_file("listings", self._policy_folders))

    @cached_property
    def policies(self) -> Policies:
        """What may be done on whose word, and what the rooms of the goods desk go by; read once."""
        from agoranomos.goods.policies import load_policies

        return load_policies(self._policy_folders)

    @property
    def action_policy(self) -> ActionPolicy:
        """What may be done on whose word."""
        return self.policies.actions

    @property
    def _policy_folders(self) -> list[Path]:
        """Where files of policies are looked for: the folder given, and the home folder."""
        return policy_folders(self._home, self._policy_file)

    @cached_property
    def queue_policy(self) -> QueuePolicy:
        """What people can look at, and in which order; read once."""
        from agoranomos.rules.policy import load_queues

        return load_queues(self._queues_file)

    def audit_key(self, origin: str | None = None) -> SigningKey:
        """The signing key of the audit log, made when there is none; `origin` names a new log."""
        return keys.find_or_make(self.home, self.given_audit_key, secrets.token_bytes, origin)

    def staff(self) -> StaffService:
        """People, keys and approvals, for commands."""
        return StaffService(self.store(), self.clock, secrets.token_bytes)

    def vault(self) -> Vault:
        """The vault for personal data; its keys are made when there are none."""
        return self._vault

    @cached_property
    def _vault(self) -> Vault:
        if not self._ring.there:
            _ = self.home  # asking for it makes the folder
        return Vault(self._ring.ring, secrets.token_bytes)

    @property
    def revealing(self) -> RevealService:
        """Permits to read personal data back, and what is read under them."""
        from agoranomos.vault.revealing.policy import policy_of
        from agoranomos.vault.revealing.service import RevealService

        return RevealService(self.store(), self.vault(), policy_of(self._policy_folders), self.clock)

    @cached_property
    def _ring(self) -> RingFile:
        return RingFile(
            self._home / "vault.keys", self._given_vault_keys, secrets.token_bytes, self._key_settings.reach
        )

    def wrapped(self) -> tuple[Wrapped, ...]:
        """All that the vault's master keys have wrapped."""
        from agoranomos.enforcement.secrets import WebhookSecrets
        from agoranomos.vault.data_keys import DataKeys

        return (DataKeys(), WebhookSecrets())

    def add_vault_key(self, reference: str | None = None) -> tuple[str, str]:
        """A new master key; its id, and what is left to be done by hand: see `vault.commands`."""
        return self._ring.add(reference)

    def drop_vault_key(self, key_id: str) -> str:
        """Takes a master key out of the ring; what is left to be done by hand."""
        return self._ring.drop(key_id)

    def actions(self) -> ActionService:
        """Actions out: asking for them, and where they are delivered."""
        from agoranomos.enforcement.service import ActionService

        return ActionService(self.store(), self.vault(), self.action_policy, self.clock)

    def deliverer(self) -> Deliverer:
        """What delivers actions."""
        from agoranomos.enforcement.delivering import deliverer_of

        return deliverer_of(self.actions())
